// The theme puts each table into an area that scrolls sideways: keys must reach it (WCAG 2.1.1).
addEventListener("load", () => {
  for (const area of document.querySelectorAll(".md-typeset__scrollwrap")) {
    if (area.scrollWidth > area.clientWidth) area.tabIndex = 0
  }
})
