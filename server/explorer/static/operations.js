// Asks for the figures every few seconds. The server remembers the last hour, so that the plots are
// there at once.

import { lines } from "./charts.js";

const SECONDS = 5;
const box = document.getElementById("operations");
const clock = (_, ticks) => ticks.map((at) => new Date(at * 1000).toTimeString().slice(0, 8));
const ratePlot = lines(document.getElementById("rate"), ["requests/s"], [[], []], "time", { time: true, x: clock });
const latencyPlot = lines(
  document.getElementById("latency"), ["50 % (ms)", "95 % (ms)", "99 % (ms)"], [[], [], [], []], "time", { time: true, x: clock },
);

const milliseconds = (seconds) => (seconds === null ? "–" : `${(1000 * seconds).toPrecision(3)} ms`);
const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);
const WRITTEN = {
  p50_seconds: milliseconds,
  p95_seconds: milliseconds,
  p99_seconds: milliseconds,
  store_p99_seconds: milliseconds,
  cache_hit_share: percent,
  fallback_share: percent,
  rate: (value) => value.toFixed(2),
};

function plot(stretches) {
  const of = (name, factor = 1) => stretches.map((one) => (one[name] === null ? null : factor * one[name]));
  ratePlot.setData([of("at"), of("rate")]);
  latencyPlot.setData([of("at"), of("p50_seconds", 1000), of("p95_seconds", 1000), of("p99_seconds", 1000)]);
}

async function refresh() {
  const said = document.getElementById("refreshed");
  try {
    const response = await fetch(box.dataset.figures);
    if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
    const now = await response.json();
    now.minutes = Math.max(1, Math.round(now.seconds / 60));
    for (const place of box.querySelectorAll("[data-figure]")) {
      const value = now[place.dataset.figure];
      place.textContent = (WRITTEN[place.dataset.figure] ?? ((n) => n.toLocaleString("en")))(value);
    }
    plot(now.stretches);
    if (said.textContent !== "Refreshed every five seconds.") said.textContent = "Refreshed every five seconds.";
  } catch (error) {
    said.textContent = `Not refreshed now (${error.message}); trying again.`;
  }
}

refresh();
setInterval(() => document.hidden || refresh(), 1000 * SECONDS);
