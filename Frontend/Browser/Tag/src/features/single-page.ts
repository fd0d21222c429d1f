// What stands in place of $SINGLE_PAGE$ when the source wants a page view for each address that a single-page application shows.
// These two are names of the script around it, which is why the build keeps them.
declare var isStarted: boolean;
declare function startPageView(): void;

(function () {
  var last = address();

  function address(): string {
    return location.pathname + location.search;
  }

  function changed(): void {
    var now = address();
    if (now !== last) {
      last = now;
      // A hidden page that nobody has seen yet has no page view to follow on.
      if (isStarted) startPageView();
    }
  }

  function follow(name: 'pushState' | 'replaceState'): void {
    var own = history[name];
    history[name] = function (this: History) {
      var result = own.apply(this, arguments as any);
      changed();
      return result;
    };
  }

  follow('pushState');
  follow('replaceState');
  window.addEventListener('popstate', changed);
}());
