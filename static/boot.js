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

  const start = async () => {
    if (typeof WebAssembly !== "object") throw new Error("This browser has no WebAssembly.");
    const address = (path) => new URL(path, document.baseURI).href;
    const loading = import(address(glue));
    await parsed;
    const program = await loading;
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
