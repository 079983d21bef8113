// A guide as a web page, for whoever reads it where the page is and no network else: the Markdown that our guides use.
// Invariant: what the guide says is escaped first, so nothing in it becomes markup but what is written below.

/**
 * @param {string} markdown
 * @param {string} stylesheet where the page's style stands
 * @returns {string} the whole document; each heading has its words as its id: `## Half-close` is `#half-close`
 */
export function guidePage(markdown, stylesheet) {
  const title = /^# (.*)$/m.exec(markdown)?.[1] ?? "Guide";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escaped(title)} · Holdfast</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${stylesheet}">
</head>
<body>
<main class="guide">
<p><a href="./#lab">Back to the lab</a></p>
${blocks(markdown).join("\n")}
</main>
</body>
</html>
`;
}

/** @param {string} markdown */
function blocks(markdown) {
  const found = markdown
    .replaceAll("\r", "")
    .replaceAll(/<!--[\s\S]*?-->/g, "")
    // A fence is one block, blank lines included.
    .split(/^(```[\s\S]*?^```)$|\n{2,}/m);
  return found.filter((block) => block?.trim()).map((block) => blockOf(block.replace(/^\n+|\n+$/g, "")));
}

/** @param {string} block */
function blockOf(block) {
  const [, code] = /^```.*\n([\s\S]*?)\n?```$/.exec(block) ?? [];
  if (code !== undefined) return `<pre tabindex="0"><code>${escaped(code)}</code></pre>`;
  const [, marks, heading] = /^(#{1,4}) (.*)$/.exec(block) ?? [];
  if (marks !== undefined && heading !== undefined) {
    return `<h${marks.length} id="${idOf(heading)}">${inline(heading)}</h${marks.length}>`;
  }
  const lines = block.split("\n");
  if (lines.every((line) => line.startsWith("|"))) return table(lines);
  if (/^(?:- |\d+\. )/.test(block)) return list(block);
  return `<p>${inline(block)}</p>`;
}

/** @param {string} block */
function list(block) {
  const name = block.startsWith("- ") ? "ul" : "ol";
  const items = block.split(/^(?:- |\d+\. )/m).slice(1);
  return `<${name}>${items.map((item) => `<li>${inline(item.trim())}</li>`).join("")}</${name}>`;
}

/** @param {string[]} lines the second one only separates */
function table([head = "", , ...rows]) {
  const cells = (/** @type {string} */ line, /** @type {string} */ name) =>
    line
      .slice(1, line.trimEnd().lastIndexOf("|"))
      .split(/(?<!\\)\|/)
      .map((cell) => `<${name}>${inline(cell.trim())}</${name}>`)
      .join("");
  const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
  return `<div class="table" tabindex="0"><table><thead><tr>${cells(head, "th")}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Code, bold, italics, and links within the guide or to the web; a link to another file is its words alone. */
function inline(/** @type {string} */ text) {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith("`") ? `<code>${escaped(part.slice(1, -1))}</code>` : emphasised(part)))
    .join("");
}

/** @param {string} text */
function emphasised(text) {
  return escaped(text)
    .replaceAll(/\[([^\]]+)\]\(((?:https?:|#)[^)\s]*)\)/g, '<a href="$2">$1</a>')
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replaceAll(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
    .replaceAll(/(?<![\w*])\*([^*]+)\*(?![\w*])/g, "<em>$1</em>");
}

/** As the usual viewers of Markdown make it. */
function idOf(/** @type {string} */ heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

/** @param {string} text */
function escaped(text) {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
