(function() {
    "use strict";
    function multiply(a, b) {
        return (a & 65535) * b + ((a >>> 16) * b << 16) | 0;
    }
    function rotate(value, bits) {
        return value << bits | value >>> 32 - bits;
    }
    function scramble(block) {
        return multiply(rotate(multiply(block, 3432918353), 15), 461845907);
    }
    function murmur(text) {
        var bytes = unescape(encodeURIComponent(text)), length = bytes.length, state = 0, block = 0, index;
        for (index = 0; index < length; index++) {
            block |= bytes.charCodeAt(index) << 8 * (index & 3);
            if ((index & 3) === 3) {
                state = multiply(rotate(state ^ scramble(block), 13), 5) + 3864292196 | 0;
                block = 0;
            }
        }
        state ^= scramble(block) ^ length;
        state = multiply(state ^ state >>> 16, 2246822507);
        state = multiply(state ^ state >>> 13, 3266489909);
        return state ^ state >>> 16;
    }
    function readCookie(name) {
        var value = "", index, cookies;
        try {
            cookies = $COOKIES$ ? document.cookie.split("; ") : [];
            for (index = cookies.length; index--; ) cookies[index].indexOf(name + "=") || value && index || (value = cookies[index].slice(name.length + 1));
        } catch (refused) {}
        return value;
    }
    function writeCookie(name, value, seconds, time) {
        try {
            $COOKIES$ && (document.cookie = name + "=" + value + "; path=/; expires=" + new Date(time + seconds * 1e3).toUTCString() + "; max-age=" + seconds + $COOKIE_ATTRIBUTES$);
        } catch (refused) {}
    }
    function log(level, text, subject) {
        window.console && console[level] && (subject === void 0 ? console[level]("Divolte: " + text) : console[level]("Divolte: " + text, subject));
    }
    var queue = [];
    var isLeaving = false;
    var leavingMax = 60;
    var mayFetch = false;
    var question;
    function once(callback) {
        var isDone = false;
        return function() {
            if (!isDone) {
                isDone = true;
                callback();
            }
        };
    }
    var request = function(url, complete) {
        if (isLeaving && mayFetch) {
            fetch(url, {
                mode: "no-cors",
                credentials: "include",
                keepalive: true
            }).then(complete, complete);
            return;
        }
        var image = new Image(1, 1);
        image.onload = complete;
        image.onerror = function(event) {
            log("warn", "event failed", url);
            complete(event);
        };
        image.src = url;
    };
    request = $DELIVERY$;
    function process() {
        var item = queue[0], complete;
        if (typeof item === "string") {
            complete = once(next);
            request(item, complete);
            setTimeout(complete, $EVENT_MILLISECONDS$);
        } else if (item) try {
            item();
        } finally {
            next();
        }
    }
    function next() {
        var item = queue.shift();
        typeof item === "string" && log("log", "event complete");
        process();
    }
    function enqueue(item) {
        queue.push(item) === 1 ? process() : isLeaving && flush();
    }
    function flush() {
        var index, item, sent = 0;
        for (index = 1; index < queue.length; index++) {
            item = queue[index];
            if (typeof item === "string" && sent++ < leavingMax) {
                queue.splice(index--, 1);
                request(item, function() {});
            }
        }
    }
    function askPolicy(script2) {
        mayFetch = false;
        if (queue.length > 1 && script2 && "fetch" in window && window.AbortController && "keepalive" in Request.prototype) {
            question = new AbortController;
            fetch(script2, {
                mode: "no-cors",
                cache: "force-cache",
                signal: question.signal
            }).catch(function(error) {
                mayFetch = error.name === "AbortError";
            });
            mayFetch = true;
        }
    }
    function deliver(url) {
        enqueue(url);
    }
    function leave(isGoing) {
        isLeaving = isGoing;
        isGoing && flush();
        question && question.abort();
    }
    function whenCommitted(callback, milliseconds) {
        var run;
        if (milliseconds !== void 0) {
            run = once(callback);
            setTimeout(run, milliseconds);
            enqueue(run);
        } else enqueue(typeof callback === "function" ? callback : function() {});
    }
    var letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~_";
    function unique() {
        var source = window.crypto || window.msCrypto;
        var bytes = source && source.getRandomValues && window.Uint8Array && source.getRandomValues(new Uint8Array(32));
        var text = "", index;
        for (index = 0; index < 32; index++) text += letters.charAt(63 & ((bytes ? bytes[index] : 0) ^ Math.random() * 64));
        return bytes ? text : text + "!";
    }
    function timedIdentifier(time) {
        return "0:" + time.toString(36) + ":" + unique();
    }
    function quote(text) {
        return text.replace(/[~!]/g, "~$&") + "!";
    }
    function encodeNumber(value) {
        var text = "" + value, exponent = value.toExponential(), base36 = value.toString(36);
        if (!isFinite(value)) return "n";
        exponent.length < text.length && (text = exponent);
        return (value % 1 || base36.length > text.length ? "j" + text : "d" + base36) + "!";
    }
    function encode(value, name) {
        var text = "", type, key;
        value && typeof value === "object" && typeof value.toJSON === "function" && (value = value.toJSON());
        type = typeof value;
        key = Object.prototype.toString.call(value);
        if (value && key === "[object Date]") {
            value = isFinite(value) ? isoText(value) : null;
            type = typeof value;
        }
        if (value === void 0) return text;
        if (value === null) text = "n"; else if (type === "string") text = "s" + quote(value); else if (type === "number") text = encodeNumber(value); else if (type === "boolean") text = value ? "t" : "f"; else {
            if (type !== "object") throw "Cannot encode of type: " + type;
            if (key === "[object Array]") {
                for (text = "a", key = 0; key < value.length; key++) text += encode(value[key]) || "n";
                text += ".";
            } else {
                text = "(";
                for (key in value) Object.prototype.hasOwnProperty.call(value, key) && (text += encode(value[key], key));
                text += ")";
            }
        }
        return name === void 0 ? text : text.charAt(0) + quote(name) + text.slice(1);
    }
    function isoText(date) {
        function two(value, add) {
            return ("00" + (value + (add || 0))).slice(-2);
        }
        return date.getUTCFullYear() + "-" + two(date.getUTCMonth(), 1) + "-" + two(date.getUTCDate()) + "T" + two(date.getUTCHours()) + ":" + two(date.getUTCMinutes()) + ":" + two(date.getUTCSeconds()) + "." + ("00" + date.getUTCMilliseconds()).slice(-3) + "Z";
    }
    var prefixes = [ "", "moz", "ms", "webkit" ];
    function whenVisible(start2) {
        var prefix, property, index, stop = function() {};
        for (index = 0; index < 4; index++) {
            prefix = prefixes[index];
            property = prefix ? prefix + "Hidden" : "hidden";
            if (document[property] !== void 0) return waitFor(property, prefix + "visibilitychange");
        }
        start2();
        return stop;
        function waitFor(hidden, event) {
            function changed() {
                document[hidden] === false && start2();
            }
            if (document[hidden] && document.addEventListener && document.removeEventListener) {
                document.addEventListener(event, changed);
                stop = function() {
                    document.removeEventListener(event, changed);
                };
            } else start2();
            return stop;
        }
    }
    function fail(reason) {
        throw "Divolte could not initialize itself; " + reason + ".";
    }
    function search() {
        var scripts = document.getElementsByTagName("script"), found, index, path;
        for (index = 0; index < scripts.length; index++) {
            path = scripts[index].src.split(/[?#]/)[0];
            if (path.slice(path.lastIndexOf("/") + 1) === $SCRIPT_NAME$) {
                found !== void 0 && fail("multiple script elements match");
                found = scripts[index].src;
            }
        }
        return found === void 0 ? fail("could not locate the script element") : found;
    }
    function scriptUrl() {
        var url = document.currentScript === void 0 ? search() : document.currentScript.src;
        true;
        log("log", "script address", url);
        return typeof url === "string" ? url : fail("could not locate the address of the script");
    }
    var global = window;
    function start(script2) {
        var parts = /^([^?#]*\/)?[^#]*#?(.*)$/.exec(script2), supplied = parts[2];
        if (supplied.indexOf("/") >= 0) throw "DVT not initialized correctly; page view ID may not contain a slash ('/').";
        var eventUrl = (parts[1] || "") + $EVENT_SUFFIX$ + "?";
        true;
        log("log", "events go to", eventUrl);
        var party = "", session = "", sendsNewParty = false, sendsNewSession = false, width = screen.availWidth, height = screen.availHeight;
        var pageView = supplied, counter = 0, isStarted = false, stopWaiting = function() {};
        var hints = {};
        var pass = function(act) {
            act();
        };
        function identify() {
            var now = (new Date).getTime();
            party = readCookie($PARTY_COOKIE$);
            session = readCookie($SESSION_COOKIE$);
            true;
            log("log", "party cookie", party);
            log("log", "session cookie", session);
            divolte.isNewPartyId = sendsNewParty = !party;
            divolte.isFirstInSession = sendsNewSession = !session;
            divolte.partyId = party = party || timedIdentifier(now);
            divolte.sessionId = session = session || timedIdentifier(now);
            true;
            log("log", sendsNewParty ? "new party" : "known party", party);
            log("log", sendsNewSession ? "new session" : "known session", session);
        }
        function startPageView() {
            isStarted = true;
            stopWaiting();
            if (!supplied) {
                divolte.pageViewId = pageView = "0:" + unique();
                counter = 0;
            }
            true;
            log("info", "page view started");
            log("log", "page view", pageView);
            $AUTO_PAGE_VIEW$ && signal("pageView");
        }
        function size(which) {
            var root = document.documentElement, body = document.body || {};
            return global["inner" + which] || root["client" + which] || body["client" + which] || root["offset" + which] || body["offset" + which];
        }
        function signal(type, parameters) {
            if (!$ALLOWED$) return null;
            isStarted || startPageView();
            if (!type) {
                true;
                log("warn", "an event without a type is not sent");
                return null;
            }
            true;
            log("info", "event of type", type);
            var view = pageView, event = view + (counter++).toString(16), time = (new Date).getTime(), url = location.href;
            var viewWidth = size("Width"), viewHeight = size("Height"), encoded = encode(parameters) || void 0;
            true;
            log("log", "event", event);
            return pass(send, true) ? null : event;
            function send() {
                var query = "", canonical = "", texts = {}, names = [], index;
                function add(name, value) {
                    if (value !== void 0) {
                        texts[name] = value = typeof value === "number" ? value.toString(36) : "" + value;
                        query += name + "=" + encodeURIComponent(value) + "&";
                        names.push(name);
                    }
                }
                add("p", party);
                add("s", session);
                add("v", view);
                add("e", event);
                add("c", time);
                add("n", sendsNewParty ? "t" : "f");
                add("f", sendsNewSession ? "t" : "f");
                add("l", url);
                add("r", document.referrer || void 0);
                add("i", width);
                add("j", height);
                add("k", window.devicePixelRatio);
                add("w", viewWidth);
                add("h", viewHeight);
                add("t", type);
                add("u", encoded);
                for (index in hints) hints.hasOwnProperty(index) && add(index, hints[index]);
                sendsNewParty = sendsNewSession = false;
                writeCookie($SESSION_COOKIE$, session, $SESSION_SECONDS$, time);
                $WRITES_PARTY$ && writeCookie($PARTY_COOKIE$, party, $PARTY_SECONDS$, time);
                true;
                log("log", "cookies written");
                names.sort();
                for (index = 0; index < names.length; index++) canonical += names[index] + "=" + texts[names[index]] + ",;";
                query += "x=" + murmur(canonical).toString(36);
                true;
                log("log", "queued", query);
                deliver(eventUrl + query);
            }
        }
        var divolte = {
            partyId: party,
            sessionId: session,
            pageViewId: supplied || null,
            isNewPartyId: false,
            isFirstInSession: false,
            isServerPageView: !!supplied,
            signal: signal,
            whenCommitted: whenCommitted
        };
        pass = $GATE$;
        pass(identify);
        typeof global.define === "function" && global.define.amd ? global.define(function() {
            return divolte;
        }) : global.module && global.module.exports ? global.module.exports = divolte : global.divolte = divolte;
        $SINGLE_PAGE$;
        stopWaiting = whenVisible(function() {
            isStarted || startPageView();
        });
        if ("onpagehide" in window) {
            var isHidden = false;
            window.addEventListener("pagehide", function(event) {
                event.isTrusted !== false && askPolicy(script2);
            });
            window.addEventListener("pagehide", function(event) {
                event.isTrusted !== false && leave(true);
                if (!isHidden) {
                    isHidden = true;
                    window.addEventListener("pageshow", function() {
                        leave(false);
                        startPageView();
                    });
                }
            });
        } else global.history && (global.history.navigationMode = "compatible");
    }
    true;
    log("info", "starting");
    var script = scriptUrl();
    if (typeof global.divolte !== "object") start(script); else {
        true;
        log("warn", "is there already; this script does nothing");
    }
    true;
    log("info", "ready");
})();
