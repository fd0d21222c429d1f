/* Shifts the time of day of one process by as many seconds as a file says, from one moment to the next: what a process sees when somebody sets its machine's
   clock. Preloaded; the clock that only counts on stays as it is, as it does then. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
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

/* Waits until a time of day are meant by the shifted clock; the other clock counts from the start of the machine, so its times are small. */
static struct timespec real_end(const struct timespec *end) {
    struct timespec shifted = *end;
    if (shifted.tv_sec > 1000000000)
        shifted.tv_sec -= seconds();
    return shifted;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *end) {
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!real)
        real = next("pthread_cond_timedwait");
    struct timespec shifted = real_end(end);
    return real(condition, mutex, &shifted);
}

int sem_timedwait(sem_t *semaphore, const struct timespec *end) {
    static int (*real)(sem_t *, const struct timespec *);
    if (!real)
        real = next("sem_timedwait");
    struct timespec shifted = real_end(end);
    return real(semaphore, &shifted);
}
