// SQL over published Parquet files, in the visitor's browser: DuckDB as WebAssembly in a worker, both from our own host.
import * as duckdb from "@duckdb/duckdb-wasm";

const root = document.getElementById("workbench");
const say = JSON.parse(document.getElementById("words-said").textContent);
const $ = (id) => document.getElementById(id);
const KEY = "zhengtong-workbench";
const PAGE = 50;
const BLOCK = 5000;
const WHOLE = 18_105_915;
const datasets = new Map();
const results = new Map();
let engine;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

function state(text, share) {
  $("state").textContent = text;
  $("progress").hidden = share === undefined;
  if (share !== undefined) $("progress").value = share;
}

// ------------------------------------------------------------------ the engine
function started() {
  engine ??= start().catch((error) => {
    engine = undefined;
    throw error;
  });
  return engine;
}

async function start() {
  state(say.engine, 0);
  const worker = new Worker(root.dataset.worker);
  const database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
  await database.instantiate(new URL(root.dataset.wasm, location.href).href, null, (told) => {
    // what is announced is the compressed size, what is counted the whole
    state(say.engine, Math.min(100, (100 * told.bytesLoaded) / WHOLE));
  });
  await database.open({ path: ":memory:", query: { castBigIntToDouble: true } });
  const connection = await database.connect();
  // nothing is ever fetched from elsewhere; the policy of the page forbids it too
  await connection.query("SET autoinstall_known_extensions=false");
  await connection.query("SET autoload_known_extensions=false");
  state(say.ready);
  return { database, connection };
}

async function fetched(one) {
  const answer = await fetch(one.file);
  if (!answer.ok) throw new Error(say.failed);
  const reader = answer.body.getReader();
  const bytes = new Uint8Array(one.bytes);
  let place = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes.set(value, place);
    place += value.length;
    state(`${say.loading} ${one.title}`, (100 * place) / one.bytes);
  }
  return bytes;
}

async function load(one) {
  if (datasets.has(one.id)) return;
  try {
    const { database, connection } = await started();
    const bytes = await fetched(one);
    await database.registerFileBuffer(`d${one.id}.parquet`, bytes);
    const described = (await connection.query(`DESCRIBE SELECT * FROM parquet_scan('d${one.id}.parquet')`)).toArray();
    // moments as the clocks of the country show them; this build of DuckDB knows no time zones
    const moments = described.filter((row) => row.column_type === "TIMESTAMP WITH TIME ZONE").map((row) => `CAST("${row.column_name}" AS TIMESTAMP) + INTERVAL 8 HOUR AS "${row.column_name}"`);
    const replaced = moments.length ? ` REPLACE (${moments.join(", ")})` : "";
    await connection.query(`CREATE OR REPLACE VIEW d${one.id} AS SELECT *${replaced} FROM parquet_scan('d${one.id}.parquet')`);
    datasets.set(one.id, one);
    showLoaded();
    keep();
    state(`${say.ready}: d${one.id} · ${one.title}`);
    const only = $("cells").querySelector("textarea");
    if (only && !only.value) only.value = one.examples.at(-1 - (one.examples.length > 2)).sql;
  } catch (error) {
    state(`${say.failed} ${error.message || ""}`);
  }
}

async function unload(id) {
  const { database, connection } = await started();
  await connection.query(`DROP VIEW IF EXISTS d${id}`);
  await database.dropFile(`d${id}.parquet`);
  datasets.delete(id);
  showLoaded();
  keep();
}

// ------------------------------------------------------------------ datasets
async function asked(query) {
  const answer = await fetch(`${root.dataset.choices}?${new URLSearchParams(query)}`);
  if (!answer.ok) throw new Error(say.unreachable);
  return (await answer.json()).datasets;
}

async function seek() {
  try {
    const found = await asked({ q: $("words").value });
    $("found").replaceChildren(
      ...found.map((one) => {
        const line = element("li");
        const button = element("button", `${say.load} d${one.id}`, { class: "btn btn-outline-primary btn-sm", type: "button", "aria-label": `${say.load} d${one.id} ${one.title}` });
        button.addEventListener("click", () => load(one));
        line.append(button, element("span", one.title, { lang: "zh-CN" }), element("span", `${one.rows.toLocaleString()} ${say.rows} · ${Math.ceil(one.bytes / 1024).toLocaleString()} KB`, { class: "meta" }));
        return line;
      }),
    );
    if (!found.length) $("found").append(element("li", say.nothing));
  } catch {
    $("found").replaceChildren(element("li", say.unreachable));
  }
}

function showLoaded() {
  $("loaded").replaceChildren(
    ...[...datasets.values()].map((one) => {
      const box = element("details", undefined, { open: "" });
      const summary = element("summary");
      summary.append(element("code", `d${one.id}`), " ", element("span", one.title, { lang: "zh-CN" }));
      const columns = element("p", undefined, { class: "meta" });
      columns.append(...one.columns.map((column) => {
        const part = element("span");
        part.append(element("code", column.key), " ", element("span", column.name, { lang: "zh-CN" }));
        return part;
      }));
      const row = element("p", undefined, { class: "d-flex flex-wrap gap-2" });
      one.examples.forEach((example) => {
        const button = element("button", example.label, { class: "btn btn-link btn-sm", type: "button" });
        button.addEventListener("click", () => addCell(example.sql).querySelector("textarea").focus());
        row.append(button);
      });
      const remove = element("button", say.remove, { class: "btn btn-link btn-sm", type: "button", "aria-label": `${say.remove} ${one.title}` });
      remove.addEventListener("click", () => unload(one.id));
      row.append(remove);
      box.append(summary, columns, row);
      return box;
    }),
  );
}

// ------------------------------------------------------------------ cells
const cells = () => [...$("cells").children];

function addCell(sql = "") {
  const cell = $("cell").content.firstElementChild.cloneNode(true);
  const area = cell.querySelector("textarea");
  area.value = sql;
  area.addEventListener("input", keep);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run(cell);
    }
  });
  cell.querySelector('[data-do="run"]').addEventListener("click", () => run(cell));
  cell.querySelector('[data-do="csv"]').addEventListener("click", () => exported(cell));
  cell.querySelector('[data-do="chart"]').addEventListener("change", () => charted(cell));
  cell.querySelector('[data-do="remove"]').addEventListener("click", () => {
    results.delete(cell);
    cell.remove();
    if (!cells().length) addCell();
    numbered();
    keep();
  });
  $("cells").append(cell);
  numbered();
  keep();
  return cell;
}

function numbered() {
  cells().forEach((cell, place) => {
    const area = cell.querySelector("textarea");
    area.id = `sql-${place + 1}`;
    const label = cell.querySelector("label");
    label.htmlFor = area.id;
    label.textContent = say.cell.replace("{n}", place + 1);
  });
}

const PLAIN = [
  [/exists in the .* extension/i, "extension"],
  [/Table with name|Table .* does not exist|Catalog Error: Table/i, "no_table"],
  [/column .* not found|Referenced column/i, "no_column"],
  [/https?:|XMLHttp|NetworkError|HTTP/i, "foreign"],
  [/Out of Memory|memory/i, "memory"],
  [/Parser Error|syntax error/i, "syntax"],
  [/Conversion Error|Binder Error|cast/i, "type"],
];

function plain(error) {
  const text = String(error.message || error);
  const found = PLAIN.find(([pattern]) => pattern.test(text));
  return `${say.error} ${found ? say[found[1]] : ""} (${text.split("\n")[0].slice(0, 300)})`;
}

// a result is kept as a table, so that it is paged, exported, drawn and read by later cells without running again
async function kept(connection, table, sql) {
  await connection.query(`CREATE OR REPLACE TABLE ${table} AS ${sql}`);
  const columns = (await connection.query(`DESCRIBE ${table}`)).toArray().map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  const rows = Number((await connection.query(`SELECT count(*)::DOUBLE AS n FROM ${table}`)).toArray()[0].n);
  return { table, columns, rows, from: 0 };
}

// what no table can be made of (DESCRIBE, SUMMARIZE, CREATE …) is shown as it comes
async function answered(connection, table, sql) {
  const answer = await connection.query(sql);
  const columns = answer.schema.fields.map((one) => ({ name: one.name, type: "VARCHAR" }));
  const data = answer.toArray().map((row) => columns.map((one) => (row[one.name] === null ? null : String(row[one.name]))));
  return { table, columns, rows: data.length, from: 0, data };
}

async function run(cell) {
  const place = cells().indexOf(cell) + 1;
  const sql = cell.querySelector("textarea").value.trim().replace(/;\s*$/, "");
  const told = cell.querySelector(".cell-state");
  cell.querySelector(".cell-result").replaceChildren();
  cell.querySelector(".drawing").hidden = true;
  const [save, chart] = [cell.querySelector('[data-do="csv"]'), cell.querySelector('[data-do="chart"]')];
  save.disabled = chart.disabled = true;
  if (!sql) {
    told.textContent = say.empty;
    return;
  }
  if (/;/.test(sql.replace(/'[^']*'|"[^"]*"|--[^\n]*/g, ""))) {
    told.textContent = say.one_statement;
    return;
  }
  // the policy of the worker stops what reaches elsewhere; this says so at once instead of letting the engine wait for an answer
  if (/^\s*(copy|install|load|attach|export|import)\b/i.test(sql)) {
    told.textContent = `${say.error} ${say.foreign}`;
    return;
  }
  told.textContent = say.running;
  try {
    const { connection } = await started();
    told.textContent = say.running;
    const begun = performance.now();
    const reads = /^\s*(--[^\n]*\n\s*)*(select|with|from|values|pivot|unpivot|\()/i.test(sql);
    const result = reads ? await kept(connection, `cell_${place}`, sql) : await answered(connection, `cell_${place}`, sql);
    results.set(cell, result);
    const rows = result.rows;
    told.textContent = `${say.of} ${rows.toLocaleString()} ${say.rows} · ${Math.round(performance.now() - begun)} ${say.took}`;
    if (!rows) told.textContent = say.no_rows;
    save.disabled = chart.disabled = !rows;
    await shown(cell);
    if (rows && chart.value) await charted(cell);
  } catch (error) {
    told.textContent = plain(error);
  }
}

// rows as text, so that large numbers, decimals and days look as the database has them
async function texts(result, from, count) {
  if (result.data) return result.data.slice(from, from + count);
  const { connection } = await started();
  const names = result.columns.map((one, place) => `CAST("${one.name.replaceAll('"', '""')}" AS VARCHAR) AS c${place}`);
  const answer = await connection.query(`SELECT ${names.join(", ")} FROM ${result.table} LIMIT ${count} OFFSET ${from}`);
  return answer.toArray().map((row) => result.columns.map((_one, place) => row[`c${place}`]));
}

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL)/;

async function shown(cell) {
  const result = results.get(cell);
  const place = cell.querySelector(".cell-result");
  if (!result.rows) return place.replaceChildren();
  const rows = await texts(result, result.from, PAGE);
  const box = element("div", undefined, { class: "table-scroll dense tall", tabindex: "0", role: "region", "aria-label": say.result });
  const table = element("table", undefined, { class: "table" });
  const head = table.createTHead().insertRow();
  result.columns.forEach((one) => head.append(element("th", one.name, { scope: "col" })));
  const body = table.createTBody();
  rows.forEach((row) => {
    const line = body.insertRow();
    row.forEach((value, column) => {
      const shownCell = line.insertCell();
      shownCell.textContent = value ?? "";
      if (NUMBER.test(result.columns[column].type)) shownCell.className = "number";
    });
  });
  box.append(table);
  const pager = element("p", undefined, { class: "d-flex flex-wrap gap-2 align-items-center" });
  [[say.previous, -PAGE], [say.next, PAGE]].forEach(([label, step]) => {
    const to = result.from + step;
    const button = element("button", label, { class: "btn btn-outline-secondary btn-sm", type: "button" });
    button.disabled = to < 0 || to >= result.rows;
    button.addEventListener("click", () => {
      result.from = to;
      shown(cell);
    });
    pager.append(button);
  });
  pager.append(element("span", `${(result.from + 1).toLocaleString()}–${Math.min(result.from + PAGE, result.rows).toLocaleString()}`, { class: "meta" }));
  return place.replaceChildren(box, ...(result.rows > PAGE ? [pager] : []));
}

// a text that a spreadsheet would run as a formula begins with an apostrophe
function csvCell(value, type) {
  if (value === null || value === undefined) return "";
  const text = type === "VARCHAR" && /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function exported(cell) {
  const result = results.get(cell);
  const parts = ["\ufeff", `${result.columns.map((one) => csvCell(one.name, "VARCHAR")).join(",")}\r\n`];
  for (let from = 0; from < result.rows; from += BLOCK) {
    const rows = await texts(result, from, BLOCK);
    parts.push(rows.map((row) => `${row.map((value, place) => csvCell(value, result.columns[place].type)).join(",")}\r\n`).join(""));
  }
  const link = element("a", undefined, { download: `${result.table}.csv` });
  link.href = URL.createObjectURL(new Blob(parts, { type: "text/csv" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function charted(cell) {
  const result = results.get(cell);
  const kind = cell.querySelector('[data-do="chart"]').value;
  const place = cell.querySelector(".drawing");
  place.hidden = !kind;
  if (!kind) return;
  const numbers = result.columns.map((one, index) => [one, index]).filter(([one]) => NUMBER.test(one.type));
  const named = result.columns.findIndex((one) => !NUMBER.test(one.type));
  const along = named < 0 ? 0 : named;
  const drawn = numbers.filter(([, index]) => index !== along || numbers.length === 1);
  if (!drawn.length) {
    place.hidden = true;
    cell.querySelector(".cell-state").textContent = say.no_number;
    return;
  }
  const rows = await texts(result, 0, 200);
  const series = drawn.slice(0, 6).map(([one, index]) => ({ name: one.name, values: rows.map((row) => (row[index] === null ? null : Number(row[index]))) }));
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", say.result);
  window.zhengtongCharts.draw(place, { kind, title: result.table, x: result.columns[along].name, y: series[0].name, source: "", places: rows.map((row) => row[along] ?? ""), series, points: [] });
}

// ------------------------------------------------------------------ kept in the browser, shared behind the #
function notebook() {
  return { d: [...datasets.keys()], c: cells().map((cell) => cell.querySelector("textarea").value) };
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(notebook()));
  } catch {
    // a browser that keeps nothing works all the same
  }
}

function encoded(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decoded(text) {
  return new TextDecoder().decode(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0)));
}

function remembered() {
  const shared = new URLSearchParams(location.hash.slice(1));
  if (shared.has("d") || shared.has("c")) {
    try {
      const found = shared.has("c") ? JSON.parse(decoded(shared.get("c"))) : [""];
      return { d: (shared.get("d") || "").split(",").filter(Boolean).map(Number), c: found.map(String) };
    } catch {
      trouble(say.broken_link);
    }
  }
  try {
    return JSON.parse(localStorage.getItem(KEY)) || { d: [], c: [""] };
  } catch {
    return { d: [], c: [""] };
  }
}

async function share() {
  const now = notebook();
  const address = `${location.origin}${location.pathname}#${new URLSearchParams({ d: now.d.join(","), c: encoded(JSON.stringify(now.c)) })}`;
  history.replaceState(null, "", address);
  try {
    await navigator.clipboard.writeText(address);
    state(say.copied);
  } catch {
    state(address);
  }
}

async function begin() {
  if (typeof WebAssembly !== "object") return trouble(say.no_wasm);
  root.hidden = false;
  const before = remembered();
  (before.c.length ? before.c : [""]).forEach((sql) => addCell(sql));
  $("seek").addEventListener("submit", (event) => {
    event.preventDefault();
    seek();
  });
  $("add").addEventListener("click", () => addCell().querySelector("textarea").focus());
  $("run-all").addEventListener("click", async () => {
    for (const cell of cells()) await run(cell);
  });
  $("share").addEventListener("click", share);
  $("clear").addEventListener("click", () => {
    results.clear();
    $("cells").replaceChildren();
    addCell();
    state(say.cleared);
  });
  await seek();
  if (before.d.length) for (const one of await asked({ ids: before.d.join(",") })) await load(one);
}

begin();
