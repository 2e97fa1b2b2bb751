// Draws charts from figures that stand in the page. Only what is used of ECharts is in the bundle; everything is drawn on a canvas, because
// the content security policy allows no style in markup.
import * as echarts from "echarts/core";
import { BarChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, PieChart, ScatterChart, AriaComponent, DatasetComponent, GridComponent]);
echarts.use([LegendComponent, TitleComponent, TooltipComponent, CanvasRenderer, SVGRenderer]);

const COLOURS = ["#0a55b3", "#8a5a00", "#1a7f37", "#7a2e63", "#00707a", "#b3261e", "#4a5561"];
const BRIGHT = ["#ffe600", "#7fd4ff", "#a6ff8f", "#ffb3f0", "#ffc58a", "#ffffff", "#c9c9ff"];

function option(figures, { paper = false, narrow = false } = {}) {
  const dark = !paper && document.documentElement.classList.contains("contrast");
  const ink = dark ? "#fff" : "#1b1f24";
  const big = document.documentElement.classList.contains("elder") ? 20 : 14;
  const text = { color: ink, fontSize: big, fontFamily: getComputedStyle(document.body).fontFamily };
  const axis = { axisLabel: { ...text, hideOverlap: true }, nameTextStyle: { ...text, align: "left" }, axisLine: { lineStyle: { color: ink } }, splitLine: { lineStyle: { color: dark ? "#555" : "#d5dae1" } } };
  const several = figures.series.length > 1 || figures.points.length > 1;
  const base = {
    color: dark ? BRIGHT : COLOURS,
    backgroundColor: paper ? "#fff" : "transparent",
    textStyle: text,
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches && !dark && !paper,
    aria: { enabled: true, label: { enabled: false }, decal: { show: several || figures.kind === "pie" } },
    tooltip: { renderMode: "richText", confine: true, trigger: figures.kind === "bar" || figures.kind === "line" ? "axis" : "item" },
    legend: several || figures.kind === "pie" ? { type: "plain", bottom: 0, textStyle: text } : undefined,
    title: paper ? { text: figures.title, subtext: figures.source, left: "center", textStyle: { ...text, fontSize: 18 }, subtextStyle: text } : undefined,
    grid: { left: 8, right: 24, top: paper ? 88 : 40, bottom: several ? 72 : 32, containLabel: true },
  };
  if (figures.kind === "pie") {
    const data = figures.places.map((name, place) => ({ name, value: figures.series[0]?.values[place] ?? 0 }));
    return { ...base, series: [{ type: "pie", radius: "62%", center: ["50%", "46%"], label: { ...text, show: !narrow, formatter: "{b} {d}%" }, data }] };
  }
  if (figures.kind === "scatter") {
    const series = figures.points.map((one) => ({ type: "scatter", name: one.name, symbolSize: 6, data: one.values }));
    return { ...base, xAxis: { ...axis, name: figures.x, nameLocation: "middle", nameGap: 28, nameTextStyle: text, scale: true }, yAxis: { ...axis, name: figures.y, scale: true }, series };
  }
  const series = figures.series.map((one) => ({ type: figures.kind, name: one.name || figures.y, data: one.values, barMaxWidth: 48, connectNulls: true }));
  const places = { ...axis, type: "category", data: figures.places };
  // long names read better beside the bars than slanted below them
  const lying = figures.kind === "bar" && figures.places.length > 4 && Math.max(...figures.places.map((one) => one.length)) > 5;
  if (lying) return { ...base, grid: { ...base.grid, right: 48 }, xAxis: { ...axis, type: "value", name: "" }, yAxis: { ...places, inverse: true, axisLabel: { ...text, width: 140, overflow: "truncate" } }, series };
  return { ...base, xAxis: { ...places, name: figures.x, nameLocation: "middle", nameGap: 32, nameTextStyle: text }, yAxis: { ...axis, type: "value", name: figures.y }, series };
}

function height(figures) {
  const lying = figures.kind === "bar" && figures.places.length > 4 && Math.max(...figures.places.map((one) => one.length)) > 5;
  return lying ? Math.max(360, figures.places.length * (24 + 10 * (figures.series.length - 1)) + 96) : 400;
}

// Draws figures into an element; drawing again replaces what was there.
function draw(element, figures) {
  echarts.getInstanceByDom(element)?.dispose();
  element.classList.add("drawn");
  element.style.height = `${height(figures)}px`;
  const chart = echarts.init(element, null, { renderer: "canvas" });
  chart.setOption(option(figures, { narrow: element.clientWidth < 500 }));
  new ResizeObserver(() => chart.isDisposed() || chart.resize()).observe(element);
  return chart;
}

function svg(figures) {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: 1000, height: height(figures) + 120 });
  chart.setOption(option(figures, { paper: true }));
  const text = chart.renderToSVGString();
  chart.dispose();
  return new Blob([text], { type: "image/svg+xml" });
}

async function png(figures) {
  const place = document.createElement("div");
  const chart = echarts.init(place, null, { renderer: "canvas", width: 1000, height: height(figures) + 120, devicePixelRatio: 2 });
  chart.setOption(option(figures, { paper: true }));
  const blob = await new Promise((done) => chart.renderToCanvas({ pixelRatio: 2 }).toBlob(done, "image/png"));
  chart.dispose();
  return blob;
}

async function save(figures, form) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(form === "svg" ? svg(figures) : await png(figures));
  link.download = `${figures.title}.${form}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

window.zhengtongCharts = { draw, save };

document.querySelectorAll("[data-chart]").forEach((element) => {
  const figures = JSON.parse(document.getElementById(element.dataset.chart).textContent);
  draw(element, figures);
  element.closest("section").querySelectorAll("button[data-save]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => save(figures, button.dataset.save));
  });
});
