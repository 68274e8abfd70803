// Lines over numbers, drawn by uPlot, in the colours of the page.

const COLOURS = ["#3287bd", "#e08214", "#2f9e6e", "#b5479b", "#8a6d3b", "#7a7a7a"];

export function lines(element, names, columns, label, options = {}) {
  const style = getComputedStyle(element);
  const axis = {
    stroke: style.color,
    font: `12px ${style.fontFamily}`,
    grid: { stroke: "rgba(128, 128, 128, 0.2)", width: 1 },
    ticks: { stroke: "rgba(128, 128, 128, 0.3)", width: 1 },
  };
  const size = () => ({ width: Math.max(element.clientWidth, 200), height: 240 });
  const plot = new uPlot(
    {
      ...size(),
      scales: {
        // Of a single moment uPlot makes a day, whose ticks are all midnight.
        x: {
          time: options.time ?? false,
          range: (plot, low, high) => (plot.data[0].length === 1 ? [low - 60, low + 60] : [low, high]),
        },
        y: { range: (_, low, high) => [0, high || 1] },
      },
      axes: [{ ...axis, values: options.x, space: options.time ? 90 : 40 }, { ...axis, size: 60 }],
      series: [
        { label },
        ...names.map((name, place) => ({
          label: name,
          stroke: COLOURS[place % COLOURS.length],
          width: 2,
          dash: place >= 3 ? [6, 4] : undefined,
        })),
      ],
    },
    columns,
    element,
  );
  new ResizeObserver(() => plot.setSize(size())).observe(element);
  return plot;
}

for (const element of document.querySelectorAll("[data-chart=spread]")) {
  const series = JSON.parse(element.dataset.series);
  const names = Object.keys(series);
  const percentiles = series[names[0]].map((_, place) => place * 5);
  lines(element, names, [percentiles, ...Object.values(series)], "percentile");
}
