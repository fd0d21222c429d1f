/* Shifts the time of day of one process by as many seconds as a file says, from one moment to the next: what a process sees when somebody sets its machine's
   clock. Preloaded; the clock that only counts on stays as it is, as it does then. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *shift;

__attribute__((constructor)) static void open_shift(void) {
    const char *name = getenv("SHIFTED_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *page = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED)
        shift = page;
    close(file);
}

static int64_t seconds(void) { return shift ? *shift : 0; }

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = next("clock_gettime");
    int result = real(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI))
        now->tv_sec += seconds();
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    static int (*real)(struct timeval *, void *);
    if (!real)
        real = next("gettimeofday");
    int result = real(now, zone);
    if (result == 0)
        now->tv_sec += seconds();
    return result;
}

time_t time(time_t *target) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (target)
        *target = now.tv_sec;
    return now.tv_sec;
}

/* Waits until a time of day end when the shifted clock reaches it: sooner when the clock is set forward, later when it is set back, as the kernel has it. So
   they are cut into short ones, of which each looks at the shift anew. */
static const long slice_nanoseconds = 50000000;

/* The other clock counts from the start of the machine, so its times are small. */
static int is_time_of_day(const struct timespec *end) { return end->tv_sec > 1000000000; }

static int is_before(const struct timespec *one, const struct timespec *other) {
    return one->tv_sec != other->tv_sec ? one->tv_sec < other->tv_sec : one->tv_nsec < other->tv_nsec;
}

/* The end of the next short wait by the real clock, and whether it is the last. */
static int next_end(const struct timespec *end, struct timespec *until) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = next("clock_gettime");
    struct timespec shifted = *end;
    shifted.tv_sec -= seconds();
    real(CLOCK_REALTIME, until);
    until->tv_nsec += slice_nanoseconds;
    if (until->tv_nsec >= 1000000000) {
        until->tv_nsec -= 1000000000;
        until->tv_sec++;
    }
    if (is_before(until, &shifted))
        return 0;
    *until = shifted;
    return 1;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *end) {
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!real)
        real = next("pthread_cond_timedwait");
    if (!is_time_of_day(end))
        return real(condition, mutex, end);
    for (;;) {
        struct timespec until;
        int is_last = next_end(end, &until);
        int result = real(condition, mutex, &until);
        if (result != ETIMEDOUT || is_last)
            return result;
    }
}

/* What the Kafka client waits with. */
int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *end) {
    static int (*real)(cnd_t *, mtx_t *, const struct timespec *);
    if (!real)
        real = next("cnd_timedwait");
    for (;;) {
        struct timespec until;
        int is_last = next_end(end, &until);
        int result = real(condition, mutex, &until);
        if (result != thrd_timedout || is_last)
            return result;
    }
}

int sem_timedwait(sem_t *semaphore, const struct timespec *end) {
    static int (*real)(sem_t *, const struct timespec *);
    if (!real)
        real = next("sem_timedwait");
    for (;;) {
        struct timespec until;
        int is_last = next_end(end, &until);
        int result = real(semaphore, &until);
        if (result == 0 || errno != ETIMEDOUT || is_last)
            return result;
    }
}
