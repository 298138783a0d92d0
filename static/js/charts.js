// Draws the page's charts from the JSON beside them. When anything fails, the open table twin is what remains.

const source = document.querySelector("script[data-plotly]")?.dataset.plotly;
const figures = () => document.querySelectorAll("figure.chart[data-chart]");
const finnish = document.documentElement.lang !== "en";
// plotly.js writes the style of its street maps into the page unless an element has this id. The policy of the portal
// would refuse and report that; we draw no street maps.
const MAP_STYLE = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
let loading;

function plotly() {
  loading ??= new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement("meta"), { id: MAP_STYLE }));
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

/* A custom property holds light-dark(); only a real property tells which of the two is on. */
function tokens(place) {
  const probe = document.createElement("span");
  place.append(probe);
  const read = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ["text", "text-muted", "bg", "chart-grid", "chart-axis", "chart-target", "chart-band", "chart-outline"];
  const found = Object.fromEntries(names.map((name) => [name, read(name)]));
  // 3, 5 and 7 are too light for a line on white: lines take the strong ones first.
  found.lines = [1, 2, 4, 6, 3, 5, 7, 8].map((n) => read(`chart-${n}`));
  found.fills = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => read(`chart-${n}`));
  found.font = getComputedStyle(place).fontFamily;
  probe.remove();
  return found;
}

function traces(spec, token) {
  if (spec.kind === "line") return lines(spec, token);
  const flat = spec.kind === "bar";
  return spec.series.map((series, n) => ({
    type: "bar",
    name: series.name,
    orientation: flat ? "h" : "v",
    x: flat ? series.values : spec.labels,
    y: flat ? spec.labels : series.values,
    marker: { color: token.fills[n % 8], line: { color: token["chart-outline"], width: spec.series.length > 1 ? 1 : 0 } },
    text: spec.series.length === 1 ? series.values.map((value) => (value === null ? "" : written(value))) : undefined,
    textposition: "outside",
    cliponaxis: false,
    hovertemplate: `%{${flat ? "y" : "x"}}: %{${flat ? "x" : "y"}} ${spec.unit}<extra>${series.name}</extra>`,
  }));
}

function lines(spec, token) {
  const drawn = [];
  if (spec.band) {
    const edge = { type: "scatter", x: spec.labels, mode: "lines", line: { width: 0 }, hoverinfo: "skip" };
    drawn.push({ ...edge, y: spec.band.low, showlegend: false });
    drawn.push({ ...edge, y: spec.band.high, name: spec.band.name, legendrank: 2000, fill: "tonexty", fillcolor: token["chart-band"] });
  }
  let plain = spec.series.some((series) => series.role === "actual") ? 1 : 0;
  for (const series of spec.series) {
    const target = series.role === "target";
    const last = series.values.findLastIndex((value) => value !== null);
    const color = target ? token["chart-target"] : token.lines[series.role === "actual" ? 0 : plain++ % 8];
    drawn.push({
      type: "scatter",
      name: series.name,
      x: spec.labels,
      y: series.values,
      mode: target ? "lines+text" : "lines+markers+text",
      text: series.values.map((value, n) => (n === last ? written(value) : "")),
      textposition: "middle right",
      textfont: { color: token.text },
      cliponaxis: false,
      line: { color, width: target ? 1.5 : 2.75, dash: target ? "5px,4px" : "solid" },
      marker: { size: 6, color },
      hovertemplate: `%{x}: %{y} ${spec.unit}<extra>${series.name}</extra>`,
    });
  }
  return drawn;
}

function layout(spec, token, width) {
  const axis = {
    color: token["text-muted"],
    gridcolor: token["chart-grid"],
    linecolor: token["chart-axis"],
    zerolinecolor: token["chart-axis"],
    automargin: true,
    fixedrange: true,
  };
  const flat = spec.kind === "bar";
  const names = { ...axis, type: "category", showgrid: false, autorange: flat ? "reversed" : true, tickangle: 0 };
  if (!flat) names.nticks = Math.max(3, Math.floor(width / 80));
  const values = { ...axis, rangemode: "tozero", title: { text: spec.unit, standoff: 8, font: { size: 12, color: token["text-muted"] } } };
  return {
    font: { family: token.font, size: 13, color: token.text },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 8, r: 48, t: 16, b: 8 },
    barmode: spec.kind === "stacked" ? "stack" : "group",
    bargap: 0.3,
    xaxis: flat ? values : names,
    yaxis: flat ? names : values,
    showlegend: spec.series.length + (spec.band ? 1 : 0) > 1,
    legend: { traceorder: "normal", orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom" },
    separators: finnish ? ",\u00a0" : ".,",
    hoverlabel: { bgcolor: token.bg, font: { color: token.text } },
  };
}

const written = (value) => value.toLocaleString(document.documentElement.lang).replace("-", "\u2212");

async function draw(figure) {
  const plot = figure.querySelector(".plot");
  try {
    const Plotly = await plotly();
    const spec = JSON.parse(document.getElementById(`${figure.dataset.chart}-data`).textContent);
    const token = tokens(figure);
    plot.hidden = false;
    await Plotly.react(plot, traces(spec, token), layout(spec, token, plot.clientWidth), { displayModeBar: false, responsive: true });
    if (!figure.dataset.drawn) figure.querySelector("details").open = false;
    figure.dataset.drawn = "true";
  } catch {
    plot.hidden = true;
  }
}

/* plotly.js is large: it is fetched when a chart comes near the view. */
const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries.filter((one) => one.isIntersecting)) {
      near.unobserve(entry.target);
      draw(entry.target);
    }
  },
  { rootMargin: "400px" },
);
const watch = () => figures().forEach((figure) => figure.dataset.drawn || near.observe(figure));
const again = () => document.querySelectorAll("figure.chart[data-drawn]").forEach(draw);

watch();
document.addEventListener("htmx:afterSettle", watch);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
matchMedia("print").addEventListener("change", again);
