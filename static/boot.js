// Starts the page: the saved theme before the first paint, then the program; and says so when it can't.
"use strict";
(() => {
  const { glue, wasm } = document.currentScript.dataset;
  const root = document.documentElement;
  let started = false;

  // The page keeps its choice under this name as JSON; without one the system's theme applies.
  try {
    const theme = JSON.parse(localStorage.getItem("kafka-playground.theme"));
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be forbidden or hold something else; the system's theme is fine.
  }

  const parsed = new Promise((resolve) => {
    if (document.readyState !== "loading") resolve();
    else addEventListener("DOMContentLoaded", resolve);
  });

  // Shows one sentence over the page. The program calls it too when it has to stop.
  const trouble = async (sentence, detail) => {
    await parsed;
    const shown = document.getElementById("trouble");
    document.getElementById("boot-status")?.remove();
    if (!shown || !shown.hidden) return;
    document.getElementById("trouble-sentence").textContent = sentence;
    document.getElementById("trouble-detail").textContent = detail;
    shown.hidden = false;
  };

  const stopped = (error) =>
    started
      ? trouble("Kafka Playground has stopped because of a mistake in it. What was sent so far stays in this tab until you leave it.", String(error))
      : trouble("Kafka Playground could not start in this browser. A current Chrome, Edge, Firefox or Safari can run it.", String(error));

  // A trap in the program ends it; other errors of the page, if any, do not.
  const fatal = (error) => error?.name === "RuntimeError";
  addEventListener("error", (event) => fatal(event.error) && stopped(event.error));
  addEventListener("unhandledrejection", (event) => fatal(event.reason) && stopped(event.reason));

  const address = (path) => new URL(path, document.baseURI).href;

  // What the opening does not run is a part of the program on its own, loaded before the first thing that
  // is done takes effect. Until then what is done waits; the opening goes on meanwhile.
  const later = (() => {
    const doing = ["pointerdown", "keydown", "click", "input", "change", "contextmenu", "submit"];
    const around = ["pointerup", "pointercancel", "mousedown", "mouseup", "dblclick", "keyup", "focus", "blur", "focusin", "focusout", "select"];
    const held = [];
    let name, first, code, loading;

    const join = () => new WebAssembly.Instance(code, { first });

    const fetched = async () => {
      const response = await fetch(address(name));
      if (!response.ok) throw new TypeError(`${response.status} ${response.statusText}`);
      code = await WebAssembly.compile(await response.arrayBuffer());
      if (first && !first.there.value) join();
    };

    // While the page waits for it.
    const wait = () => {
      try {
        const request = new XMLHttpRequest();
        request.open("GET", address(name), false);
        request.overrideMimeType("text/plain; charset=x-user-defined");
        request.send();
        return new WebAssembly.Module(Uint8Array.from(request.responseText, (char) => char.charCodeAt(0) & 255));
      } catch (error) {
        trouble("Part of Kafka Playground could not be loaded. Check the connection and start afresh.", String(error));
        throw error;
      }
    };

    const notice = (shown) => {
      const section = document.getElementById("later-trouble");
      if (section) section.hidden = !shown;
    };

    const waiting = (on) => {
      document.documentElement.classList.toggle("loading-later", on);
      const status = document.getElementById("later-status");
      if (status) status.textContent = on ? "Loading the rest. What you do is not lost." : "";
    };

    const load = () => {
      if (loading) return;
      waiting(true);
      notice(false);
      loading = fetched()
        .then(release, () => {
          loading = undefined;
          notice(true);
        })
        .finally(() => waiting(false));
    };

    const hold = (event) => {
      if (event.target instanceof Element && event.target.closest("#later-trouble")) return;
      if (doing.includes(event.type)) load();
      else if (!loading) return;
      event.stopImmediatePropagation();
      // What the browser does by itself follows when the event is sent again; a line must not break before.
      const breaks = event.key === "Enter" && event.target.matches?.("input, textarea");
      if (event.type === "click" || event.type === "submit" || breaks) event.preventDefault();
      held.push(event);
    };

    const listen = (how) => {
      for (const type of [...doing, ...around]) window[how](type, hold, { capture: true });
    };

    // Done as it would have been at its time, to what is there now.
    const release = () => {
      listen("removeEventListener");
      for (const event of held.splice(0)) event.target.dispatchEvent(new event.constructor(event.type, event));
    };

    return {
      // A visit that goes somewhere, or comes back, is more than the opening.
      async prepare(program) {
        name = program.laterPart;
        if (!name) return;
        const remembers = () => {
          try {
            return localStorage.getItem("kafka-playground.look") !== null;
          } catch {
            return false;
          }
        };
        if (location.hash || remembers()) return void (await fetched());
        listen("addEventListener");
        document.getElementById("later-again")?.addEventListener("click", load);
      },
      // The program's exports, before it starts.
      lend(exports) {
        first = exports;
        if (code) join();
      },
      // The opening took a turn that nobody saw coming: the program waits for the rest.
      bring() {
        performance.mark("later part missed");
        if (!code) code = wait();
        join();
        if (!loading) listen("removeEventListener");
      },
    };
  })();
  globalThis.laterPart = later;

  const start = async () => {
    if (typeof WebAssembly !== "object") throw new Error("This browser has no WebAssembly.");
    const loading = import(address(glue));
    await parsed;
    const program = await loading;
    await later.prepare(program);
    await program.default({ module_or_path: address(wasm) });
    started = true;
    requestAnimationFrame(() => performance.mark("drawn"));
  };

  start().catch((error) =>
    error instanceof TypeError
      ? trouble("Part of Kafka Playground could not be loaded. Check the connection and start afresh.", String(error))
      : stopped(error),
  );
})();
