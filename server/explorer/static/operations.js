// Asks for the figures every two seconds; a rate is what two of them differ by.

import { lines } from "./charts.js";

const SECONDS = 2;
const KEPT = 150;
const box = document.getElementById("operations");
const rates = [[], []];
const latencies = [[], [], [], []];
const clock = (_, ticks) => ticks.map((at) => new Date(at * 1000).toTimeString().slice(0, 8));
const ratePlot = lines(document.getElementById("rate"), ["requests/s"], rates, "time", { time: true, x: clock });
const latencyPlot = lines(
  document.getElementById("latency"), ["50 % (ms)", "95 % (ms)", "99 % (ms)"], latencies, "time", { time: true, x: clock },
);
let before = null;

const milliseconds = (seconds) => (seconds === null ? "–" : `${(1000 * seconds).toPrecision(3)} ms`);
const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);
const WRITTEN = {
  p50_seconds: milliseconds,
  p95_seconds: milliseconds,
  p99_seconds: milliseconds,
  store_p99_seconds: milliseconds,
  cache_hit_share: percent,
  fallback_share: percent,
  rate: (value) => (value === null ? "–" : value.toFixed(1)),
};

function push(columns, values) {
  columns.forEach((column, place) => {
    column.push(values[place]);
    if (column.length > KEPT) column.shift();
  });
}

async function refresh() {
  const said = document.getElementById("refreshed");
  try {
    const response = await fetch(box.dataset.figures);
    if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
    const now = { at: Date.now() / 1000, ...(await response.json()) };
    now.rate = before && (now.requests - before.requests) / (now.at - before.at);
    now.fallback_share = now.requests ? now.fallbacks / now.requests : null;
    before = now;
    for (const place of box.querySelectorAll("[data-figure]")) {
      const value = now[place.dataset.figure];
      place.textContent = (WRITTEN[place.dataset.figure] ?? ((n) => n.toLocaleString("en")))(value);
    }
    if (now.rate !== null) {
      push(rates, [now.at, now.rate]);
      push(latencies, [now.at, ...[now.p50_seconds, now.p95_seconds, now.p99_seconds].map((s) => s && 1000 * s)]);
      ratePlot.setData(rates);
      latencyPlot.setData(latencies);
    }
    if (said.textContent !== "Refreshed every two seconds.") said.textContent = "Refreshed every two seconds.";
  } catch (error) {
    said.textContent = `Not refreshed now (${error.message}); trying again.`;
  }
}

refresh();
setInterval(() => document.hidden || refresh(), 1000 * SECONDS);
