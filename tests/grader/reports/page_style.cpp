#include "page_parts.hpp"

namespace cacheline::grader {

// Contrast of text is at least 4.5:1 on both of a theme's backgrounds (WCAG 2.2, 1.4.3).
const char* const kPageStyle = R"css(
:root{color-scheme:light dark;--page:#f4f6f8;--card:#fff;--text:#1a2027;--quiet:#55606c;--line:#d9dfe5;
--accent:#2f5fd0;--good:#17713a;--bad:#b3261e;--bad-fill:#fdeceb;--warn:#8a5a00;--warn-fill:#fdf3dc}
@media(prefers-color-scheme:dark){:root{--page:#0e1217;--card:#161c23;--text:#e5eaf0;--quiet:#9eabb8;
--line:#2b343e;--accent:#7aa5ff;--good:#5cc781;--bad:#ff8f86;--bad-fill:#3a1c1c;
--warn:#e2b455;--warn-fill:#352a12}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",
Roboto,"Liberation Sans",sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem;letter-spacing:-.01em}
h2{font-size:1.15rem;margin:0 0 .75rem}
h3{font-size:1rem;margin:.5rem 0 0}
p{margin:.25rem 0}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem}
.quiet{color:var(--quiet);font-size:.875rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.1rem 1.25rem;
margin:1rem 0 0;min-width:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:1.25rem 0 0}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.7rem 1rem}
.tiles dt{color:var(--quiet);font-size:.8125rem}
.tiles dd{margin:0;font-size:1.5rem;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums}
dl{margin:0}
.pair{display:grid;gap:0 1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}
svg{display:block;width:100%;max-width:30rem;height:auto;margin:0 auto}
svg rect{fill:var(--accent)}svg text{fill:var(--quiet);font-size:12px;text-anchor:middle;
font-variant-numeric:tabular-nums}svg .n{fill:var(--text);font-weight:600}svg path{stroke:var(--line);fill:none}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.4rem .6rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;
font-weight:400;white-space:nowrap}
tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--quiet);font-size:.8125rem;font-weight:600;vertical-align:bottom}
th:first-child{text-align:left;white-space:normal;overflow-wrap:anywhere}
.students td.x{background:linear-gradient(var(--accent),var(--accent)) content-box no-repeat 0 100%/var(--p) 2px}
.students .flags{white-space:normal;text-align:left;padding-left:1.25rem}
caption{caption-side:bottom;text-align:left;color:var(--quiet);font-size:.8125rem;padding:.75rem .6rem 0}
caption span{display:inline-block;margin-right:1rem}
.bar{display:inline-block;width:5.5rem;height:.5rem;border-radius:.25rem;background:var(--line);
vertical-align:middle;overflow:hidden}
.bar i{display:block;height:100%;width:var(--p);background:var(--accent)}
.badge{display:inline-block;border-radius:1rem;padding:0 .55rem;font-size:.8125rem;font-weight:600;
background:var(--warn-fill);color:var(--warn)}
.badge.bad{background:var(--bad-fill);color:var(--bad)}
ul.plain{list-style:none;margin:0;padding:0}
ul.plain>li{padding:.4rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
ul.plain>li:last-child{border-bottom:0}
article{scroll-margin-top:1rem;content-visibility:auto;contain-intrinsic-size:auto 22rem}
article:target{border-color:var(--accent);box-shadow:0 0 0 1px var(--accent)}
.top{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;align-items:baseline}
.top h2,.top h3{overflow-wrap:anywhere;margin:0}
.exercise{border-top:1px solid var(--line);margin-top:.75rem;padding-top:.75rem}
.steps{display:flex;flex-wrap:wrap;gap:.3rem .4rem;list-style:none;padding:0;margin:.4rem 0 0}
.steps li{border:1px solid var(--line);border-radius:6px;padding:.05rem .5rem;font-size:.875rem;
font-variant-numeric:tabular-nums}
.steps .full{color:var(--good)}.steps .none{color:var(--quiet)}
summary{cursor:pointer;padding:.35rem 0;color:var(--accent);font-size:.9375rem}
ul.plain>.lost{border:0;border-left:3px solid var(--bad);padding:.1rem 0 .1rem .8rem;margin:.5rem 0 1rem}
.lost h4{font-size:.9375rem;margin:0;overflow-wrap:anywhere}
.lost dl{display:grid;grid-template-columns:5rem 1fr;gap:.1rem .6rem;margin:.3rem 0 0;font-size:.9375rem}
.lost dt{color:var(--quiet)}.lost dd{margin:0;min-width:0;overflow-wrap:anywhere;white-space:pre-wrap}
code,.mono{font:.875rem/1.5 ui-monospace,"Cascadia Mono",Menlo,"DejaVu Sans Mono",monospace}
@media(max-width:44rem){.students .x,.students .of{display:none}.students th:first-child{width:60%;min-width:7rem}
th,td,.students .flags{padding:.4rem}.lost dl{grid-template-columns:1fr}.lost dd{margin:0 0 .3rem}
.card{padding:1rem .9rem}.bar{width:3.5rem}main{padding:1.25rem .75rem 3rem}}
@media print{body,.card{background:#fff}.card{break-inside:avoid}article{content-visibility:visible}}
)css";

}  // namespace cacheline::grader
