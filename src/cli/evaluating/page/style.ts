/**
 * The style of the report: one column on a phone, figure and table side by side on wide screens, light, dark and printed.
 */
export const STYLE = `
:root{--ground:#fcfcfb;--raised:#f1f3f5;--ink:#1a1e24;--quiet:#59616c;--line:#dde0e4;--midx:#2563c9;--other:#b4570a;--exact:#868e99;--good:#17703f;--bad:#b3261e;
color:var(--ink);background:var(--ground);color-scheme:light dark;font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
@media (prefers-color-scheme:dark){:root{--ground:#13161a;--raised:#1d2127;--ink:#e7e9ec;--quiet:#a3abb6;--line:#30363e;--midx:#74a7ff;--other:#f0a052;--exact:#77808c;--good:#6fd198;--bad:#ff9a90}}
*{box-sizing:border-box}
body{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{margin:0;font-size:2rem;line-height:1.15;letter-spacing:-.025em;overflow-wrap:anywhere}
h2{margin:0 0 .75rem;font-size:1.25rem;letter-spacing:-.01em}
p{margin:0 0 1rem;overflow-wrap:anywhere}
.quiet,figcaption{color:var(--quiet)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,13rem),1fr));gap:1px;margin:1.75rem 0;padding:0;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden}
.tiles div{padding:1rem 1.1rem;background:var(--ground)}
.tiles dt{color:var(--quiet);font-size:.875rem}
.tiles dd{margin:0}
.tiles dd.value{font-size:1.75rem;font-weight:650;letter-spacing:-.02em;line-height:1.3}
.tiles dd.means{font-size:.875rem;line-height:1.4}
section{margin:2.75rem 0 0;padding:1.75rem 0 0;border-top:1px solid var(--line)}
.sides{display:grid;gap:1.5rem 2.5rem}
@media (min-width:56rem){.sides{grid-template-columns:26rem 1fr;align-items:start}}
figure{margin:0}
svg{display:block;width:100%;max-width:28rem;height:auto}
figcaption{margin:.75rem 0 0;max-width:28rem}
svg text{font-size:12.5px}
.sides>*{min-width:0}.wide{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.875rem}
th,td{padding:.35rem .4rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:bottom}
th{color:var(--quiet);font-weight:500}
th:first-child,td:first-child{padding-left:0;text-align:left}
th:last-child,td:last-child{padding-right:0}
td{white-space:nowrap}
td.text,td:first-child{text-align:left;white-space:normal}
td code{white-space:nowrap}
td.text{min-width:8rem;overflow-wrap:anywhere}
.passed{color:var(--good);font-weight:600}.missed{color:var(--bad);font-weight:600}
code{font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.wide+p{margin-top:1rem}
pre{margin:0 0 1rem;padding:.85rem 1rem;background:var(--raised);border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere}
@media print{body{padding:0}section{break-inside:avoid}}
`;
