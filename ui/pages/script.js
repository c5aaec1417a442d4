// Addresses, citations, light and dark. Everything is delegated: the page's parts come and go.
(() => {
  "use strict";
  const page = (window.tribune = window.tribune || {});
  const texts = window.tribuneTexts[/^zh-(cn|tw)$/i.test(navigator.language) ? "zh" : "en"];

  // Every page's state is in the address: ?tab=groups&group=3. Parts of the app that can show a
  // state register here; what they show says its own address in data-address.
  const shows = {};
  let pending = null; // a state whose page is made when it is first looked at
  let ready = false;
  const read = () => Object.fromEntries(new URLSearchParams(location.search));
  const button = name => document.getElementById(`tab-${name}-button`);
  const visible = () => document.querySelector("#pages [role=tab][aria-selected=true]")?.id.split("-")[1];
  const write = (query, replace) => {
    if (new URLSearchParams(location.search).toString() === new URLSearchParams(query).toString()) return;
    history[replace ? "replaceState" : "pushState"](null, "", `?${query}`);
  };

  const apply = state => {
    const name = state.tab || "chat";
    button(name)?.click();
    if (shows[name]) shows[name](state);
    else pending = state;
  };
  page.register = (name, show) => {
    shows[name] = show;
    if (pending?.tab === name && (ready || name !== "chat")) {
      show(pending);
      pending = null;
    }
  };
  page.address = () => new URLSearchParams(location.search).toString();
  // The app is loaded, its pages show what the address asked for.
  page.begin = () => {
    if (ready) return;
    ready = true;
    const state = read();
    if (state.tab) button(state.tab)?.click();
    if (state.ask) apply(state);
  };
  // The address becomes that of what is shown.
  page.note = () => requestAnimationFrame(() => {
    const name = visible();
    if (!ready || !name) return;
    const shown = document.querySelector(`[data-address^="tab=${name}"]`);
    write(shown ? shown.dataset.address : `tab=${name}`);
  });

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

  const go = link => {
    const query = link.search.slice(1);
    const state = Object.fromEntries(new URLSearchParams(query));
    write(state.ask ? "tab=chat" : query);
    apply(state);
    if (state.tab !== "chat") window.scrollTo({ top: 0 });
  };

  const back = () => {
    document.querySelectorAll(".quote.lit").forEach(lit => lit.classList.remove("lit"));
    if (!origin || !origin.isConnected) return;
    origin.scrollIntoView({ block: "center" });
    origin.focus({ preventScroll: true });
  };

  document.addEventListener("click", event => {
    if (!event.target.closest || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("#pages [role=tab]")) setTimeout(page.note, 50);
    const link = event.target.closest("a[href^='#'], a[href^='?tab=']");
    if (!link) return;
    const act = link.getAttribute("href").startsWith("?") ? go
      : link.hash.startsWith("#quote-") ? follow
      : link.hash === "#answer" ? back : null;
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act(link);
  }, true);
  window.addEventListener("popstate", () => apply(read()));

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
    "#question .submit-button": texts.send,
    "#question .stop-button": texts.stop,
    "#answers .thought-group .arrow button": texts.step,
  };
  const name = () => {
    for (const [button, label] of Object.entries(NAMES))
      document.querySelectorAll(button).forEach(b => b.setAttribute("aria-label", label));
  };

  // The data of every chart, as the chart holds it.
  const plain = value => new DOMParser().parseFromString(`${value ?? ""}`.replace(/<br>/g, " "), "text/html").body.textContent;
  const cell = value => {
    const text = plain(value);
    return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const tabulate = chart => {
    const rows = [];
    for (const trace of chart._fullData) {
      if (trace.hoverinfo === "skip") continue; // bands and labels repeat what other traces hold
      const x = [...trace.x], y = [...trace.y], about = trace.customdata || trace.text || [];
      if (trace.z) y.forEach((row, i) => x.forEach((column, j) => rows.push([row, column, trace.z[i][j], about[i]?.[j]])));
      else x.forEach((value, i) => rows.push([trace.name, value, y[i], about[i]]));
    }
    const axis = name => chart._fullLayout[name]?.title?.text;
    const clean = (title, other) => !title || title.startsWith("Click to enter") ? other : title;
    const heads = chart._fullData.some(t => t.z) ? ["y", "x", "z", ""]
      : ["", clean(axis("xaxis"), "x"), clean(axis("yaxis"), "y"), ""];
    return [heads, ...rows].map(row => row.map(cell).join(",")).join("\r\n");
  };
  const offerData = () => document.querySelectorAll(".js-plotly-plot").forEach(chart => {
    const frame = chart.closest(".block");
    if (!frame || frame.querySelector(".chart-data")) return;
    const button = Object.assign(document.createElement("button"), { className: "chart-data", type: "button", textContent: "CSV", title: texts.data });
    button.setAttribute("aria-label", texts.data);
    button.addEventListener("click", () => {
      const shown = frame.querySelector(".js-plotly-plot");
      const title = plain(shown._fullLayout.title.text).replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
      const file = new Blob(["\ufeff", tabulate(shown)], { type: "text/csv" });
      Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${title}.csv` }).click();
    });
    frame.append(button);
  });
  const begin = () => {
    paint();
    new MutationObserver(paint).observe(document.body, { attributes: true, attributeFilter: ["class"] });
    new MutationObserver(() => { name(); offerData(); }).observe(document.body, { childList: true, subtree: true });
    name();
    offerData();
  };
  // Gradio adds this script when its own have run, before or after the page was read.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
