import { createHash } from "node:crypto";

const STYLE = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #10171d);
  --ink: light-dark(#1c2730, #e4e9ec);
  --quiet: light-dark(#56646f, #9fb0bc);
  --line: light-dark(#d9dfe2, #2b3943);
  --accent: light-dark(#0b5c86, #7cc4ec);
}
* { box-sizing: border-box }
body {
  margin: 0 auto;
  padding: 0 1.25rem;
  max-width: 42rem;
  background: var(--paper);
  color: var(--ink);
  font: 1.125rem/1.65 Charter, "Bitstream Charter", "Iowan Old Style", Georgia, serif;
  overflow-wrap: break-word;
}
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.2em }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px }
header, footer, time, nav { font-family: system-ui, sans-serif; font-size: 0.9rem; color: var(--quiet) }
header { display: flex; justify-content: space-between; align-items: baseline; padding: 1.5rem 0; border-bottom: 1px solid var(--line) }
nav { display: flex; gap: 1rem }
.name { font-size: 1.1rem; font-weight: 700; letter-spacing: 0.02em; color: var(--ink); text-decoration: none }
.skip { position: absolute; left: -999rem }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.5rem 1rem; background: var(--paper) }
main { padding: 1.5rem 0 3rem }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 1rem 0 0.5rem; text-wrap: balance }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 2rem 0 0.25rem }
.articles { list-style: none; padding: 0; margin: 2rem 0 }
.articles li { padding: 1.25rem 0; border-top: 1px solid var(--line) }
.articles h2, .articles p { margin: 0.25rem 0 }
blockquote { margin: 1.5rem 0; padding-left: 1rem; border-left: 3px solid var(--accent); color: var(--quiet) }
pre { overflow-x: auto; padding: 1rem; border: 1px solid var(--line); border-radius: 6px }
code { font-size: 0.9em }
table { border-collapse: collapse }
th, td { text-align: left; padding: 0.35rem 1rem 0.35rem 0; border-bottom: 1px solid var(--line) }
footer { border-top: 1px solid var(--line); padding: 1rem 0 2rem }
`;

/** The style sheet as part of each page, so that a page is never shown with the style of another release. */
export const STYLE_ELEMENT = `<style>${STYLE}</style>`;

/** SHA-256 of the style sheet, by which the Content-Security-Policy lets it through, and no other. */
export const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");
