// What every component of the page is written with, named once: htm's templates over preact, and its hooks.

export { html } from "htm/preact";
export type { ComponentChildren, VNode } from "preact";
export { render } from "preact";
export { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
