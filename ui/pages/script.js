// Citations, group links, light and dark. Everything is delegated: the page's parts come and go.
(() => {
  "use strict";
  const page = (window.tribune = window.tribune || {});
  let origin = null; // the citation that was followed
  let wanted = null; // the quote to show once its answer's evidence has come

  const light = id => {
    const card = document.getElementById(id);
    if (!card) return false;
    document.querySelectorAll(".quote.lit").forEach(lit => lit.classList.remove("lit"));
    card.classList.add("lit");
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    card.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "center" });
    card.focus({ preventScroll: true });
    return true;
  };

  page.settle = () => {
    if (wanted && light(wanted)) wanted = null;
  };

  const follow = link => {
    const [, place] = link.hash.split("-");
    const id = link.hash.slice(1);
    origin = link;
    if (!light(id) && page.show && place !== "profile") {
      wanted = id;
      page.show(Number(place));
    }
  };

  const openGroup = link => {
    const tab = [...document.querySelectorAll("#pages [role=tab]")].find(t => t.textContent.trim() === "Groups");
    if (tab) tab.click();
    const group = Number(link.hash.split("-")[1]);
    if (page.open) page.open(group);
    else page.asked = group; // the groups page is made when it is first looked at
    document.getElementById("choice")?.scrollIntoView({ block: "start" });
  };

  const back = () => {
    document.querySelectorAll(".quote.lit").forEach(lit => lit.classList.remove("lit"));
    if (!origin || !origin.isConnected) return;
    origin.scrollIntoView({ block: "center" });
    origin.focus({ preventScroll: true });
  };

  document.addEventListener("click", event => {
    const link = event.target.closest && event.target.closest("a[href^='#']");
    if (!link) return;
    const act = link.hash.startsWith("#quote-") ? follow
      : link.hash.startsWith("#group-") ? openGroup
      : link.hash === "#answer" ? back : null;
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act(link);
  }, true);

  document.addEventListener("keydown", event => {
    if (event.key === "Escape" && document.activeElement?.classList.contains("quote")) back();
  });

  // Light and dark: the system's, until the reader chooses.
  const chosen = () => localStorage.getItem("tribune-light");
  const paint = () => {
    if (chosen() && document.body.classList.contains("dark") !== (chosen() === "dark"))
      document.body.classList.toggle("dark");
  };
  document.addEventListener("click", event => {
    if (!(event.target.closest && event.target.closest("#lamp"))) return;
    localStorage.setItem("tribune-light", document.body.classList.contains("dark") ? "light" : "dark");
    paint();
  });
  // Gradio gives these buttons no names.
  const NAMES = {
    "#question .submit-button": "Send",
    "#question .stop-button": "Stop",
    "#answers .thought-group .arrow button": "Show or hide this step",
  };
  const name = () => {
    for (const [button, label] of Object.entries(NAMES))
      document.querySelectorAll(button).forEach(b => b.setAttribute("aria-label", label));
  };
  document.addEventListener("DOMContentLoaded", () => {
    paint();
    new MutationObserver(paint).observe(document.body, { attributes: true, attributeFilter: ["class"] });
    new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
  });
})();
