/**
 * Client of a Zhengtong open-data portal, in one file, for browsers and Node 20 and later, with nothing else installed.
 *
 * Generated from the OpenAPI document of the row interface; changes made here are lost.
 *
 *   const portal = new Portal("https://open.example.gov.cn");
 *   for await (const row of portal.rows(12, { filters: { name__contains: "first" }, sort: ["-built"] })) console.log(row);
 *
 * Filters are { item: value } or { item__comparison: value }; comparisons: eq, ne, in, isnull, gt, gte, lt, lte, contains, startswith.
 * Values of in are an array, the value of isnull is true or false.
 */

export const FORMS = ["ndjson", "csv"];
export const LARGEST_PAGE = 1000;
export const STATUSES = { 400: "refused as asked", 401: "the key does not work", 403: "for applicants alone, or the key was stopped", 404: "unknown", 406: "no such form", 410: "withdrawn, or this version is gone", 429: "too fast, or used up for today", 503: "not now" };
const BUSY = new Set([429, 503]);
const LONGEST_WAIT = 60;
const LISTED = 100;

/** The portal refused: status, a stable code, the message, the field it is about, a remedy, the request_id. */
export class RefusedError extends Error {
  constructor(status, facts = {}) {
    super([status, facts.code, facts.field, facts.message ?? STATUSES[status], facts.remedy].filter(Boolean).join(" "));
    this.name = this.constructor.name;
    this.status = status;
    for (const name of ["code", "field", "remedy", "request_id"]) this[name] = facts[name] ?? "";
  }
}
/** 400: what was asked cannot be answered. */
export class BadQuestionError extends RefusedError {}
/** 401 or 403: these rows go to applicants alone, or the key does not open them. */
export class RestrictedError extends RefusedError {}
/** 404: there is no such dataset, version or file. */
export class UnknownError extends RefusedError {}
/** 410: the dataset was withdrawn, or the version that was being read is gone; begin again. */
export class GoneError extends RefusedError {}
/** 429: asked too fast, and still after waiting. */
export class TooFastError extends RefusedError {}
const ERRORS = { 400: BadQuestionError, 401: RestrictedError, 403: RestrictedError, 404: UnknownError, 410: GoneError, 422: BadQuestionError, 429: TooFastError };

function text(value) {
  if (Array.isArray(value)) return value.map(text).join(",");
  return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
}

export class Portal {
  #key;
  #language;
  #retries;
  #sleep;

  /**
   * @param {string} address where the portal is
   * @param {object} [options] key: of a grant, or a developer's; language: "en" for refusals in English; retries: how often to ask again when
   * the portal is busy; it says how long to wait
   */
  constructor(address, { key = "", language = "", retries = 4, sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000)) } = {}) {
    this.address = address.replace(/\/+$/, "");
    [this.#key, this.#language, this.#retries, this.#sleep] = [key, language, retries, sleep];
  }

  /** The open datasets, as CKAN's packages with their number beside. only: a filter such as groups:education. */
  async *datasets(words = "", { only = "" } = {}) {
    for (let start = 0, total = 1; start < total; start += LISTED) {
      const asked = new URLSearchParams({ q: words, fq: only, sort: "id asc", rows: LISTED, start });
      const found = (await (await this.#open(`/api/3/action/package_search?${asked}`)).json()).result;
      for (const one of found.results) yield { ...one, number: Number(one.name.replace("dataset-", "")) };
      total = found.count;
    }
  }

  /** A dataset in words and figures: title, version, rows, columns, links. */
  describe(dataset) {
    return this.#json(dataset, "", {}, {});
  }

  /**
   * A page of rows: data, next (the cursor of the next page, or nothing), total, version.
   * @param {number} dataset
   * @param {object} [asked] filters, and:
   * @param {string[]} [asked.fields] keys, comma-separated
   * @param {boolean} [asked.distinct] each combination of fields once
   * @param {string[]} [asked.sort] keys, comma-separated; - in front: descending
   * @param {number} [asked.limit] rows of a page
   * @param {string} [asked.after] next of the page before
   * @param {object} [asked.where] JSON: {"item", "op", "value"}, {"and": […]}, {"or": […]}
   */
  rowsPage(dataset, { filters = {}, fields, distinct, sort, limit, after, where } = {}) {
    return this.#json(dataset, "rows", filters, { fields, distinct, sort, limit, after, where });
  }

  /**
   * How often each value of some items occurs among the rows that fit: facets by item.
   * @param {number} dataset
   * @param {object} [asked] filters, and:
   * @param {string[]} asked.items keys, comma-separated
   * @param {number} [asked.limit] values of an item
   * @param {object} [asked.where] JSON: {"item", "op", "value"}, {"and": […]}, {"or": […]}
   */
  facets(dataset, { filters = {}, items, limit, where } = {}) {
    return this.#json(dataset, "facets", filters, { items, limit, where });
  }

  /**
   * Figures of the rows that fit, by group: data, more.
   * @param {number} dataset
   * @param {object} [asked] filters, and:
   * @param {string[]} [asked.measures] comma-separated: count, sum:key, avg:key, min:key, max:key
   * @param {string[]} [asked.group] keys, comma-separated
   * @param {string[]} [asked.sort] keys or measures such as sum_key, comma-separated; - in front: descending
   * @param {number} [asked.limit] groups
   * @param {object} [asked.where] JSON: {"item", "op", "value"}, {"and": […]}, {"or": […]}
   */
  aggregate(dataset, { filters = {}, measures, group, sort, limit, where } = {}) {
    return this.#json(dataset, "aggregate", filters, { measures, group, sort, limit, where });
  }

  /** The items of a dataset with kinds, comparisons and indexes; how many rows; which version. */
  schema(dataset) {
    return this.#json(dataset, "schema", {}, {});
  }

  /** All rows that fit, page after page, of one version however long it takes; takes what rowsPage does. limit: stop after so many. */
  async *rows(dataset, { limit = Infinity, ...asked } = {}) {
    for (let left = limit, after; left > 0; ) {
      const page = await this.rowsPage(dataset, { ...asked, limit: Math.min(left, LARGEST_PAGE), after });
      yield* page.data;
      left -= page.data.length;
      after = page.next;
      if (!after) return;
    }
  }

  /** All rows that fit as one stream: the answer, whose body, text() or blob() is in the form (one of FORMS). */
  async dump(dataset, { filters = {}, form = "csv", ...asked } = {}) {
    if (!FORMS.includes(form)) throw new TypeError(`form is one of ${FORMS.join(", ")}`);
    return this.#open(this.#path(dataset, "rows", filters, { ...asked, format: form }), true);
  }

  /** A file of a dataset with conditions, which the key was given for: the answer, whose body is the file. */
  async granted(dataset, name) {
    return this.#open(`/open/datasets/${Number(dataset)}/granted/${encodeURIComponent(name)}`, true);
  }

  async #json(dataset, kind, filters, asked) {
    return (await this.#open(this.#path(dataset, kind, filters, asked), true)).json();
  }

  #path(dataset, kind, filters, asked) {
    const given = Object.entries(asked).filter(([, value]) => value !== undefined && value !== null && value !== false && value !== "" && value.length !== 0);
    const pairs = new URLSearchParams([...Object.entries(filters), ...given].map(([name, value]) => [name, text(value)])).toString();
    return `/open/v1/datasets/${Number(dataset)}/${kind}${pairs ? `?${pairs}` : ""}`;
  }

  async #open(path, keyed = false) {
    const headers = {};
    if (this.#language) headers["Accept-Language"] = this.#language;
    if (keyed && this.#key) headers.Authorization = `Bearer ${this.#key}`;
    for (let turn = 0; ; turn += 1) {
      const answer = await fetch(this.address + path, { headers });
      if (answer.ok) return answer;
      const body = await answer.text();
      if (!BUSY.has(answer.status) || turn >= this.#retries) {
        let facts = {};
        try {
          facts = JSON.parse(body) ?? {};
        } catch {
          // the refusal of something in between has no facts
        }
        throw new (ERRORS[answer.status] ?? RefusedError)(answer.status, facts);
      }
      const wait = answer.headers.get("Retry-After") ?? "";
      await this.#sleep(Math.min(/^\d+$/.test(wait) ? Number(wait) : 2 ** turn, LONGEST_WAIT));
    }
  }
}
