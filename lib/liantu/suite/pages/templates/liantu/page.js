(function () {
  var toggle = document.getElementById("code-toggle"), cells = document.querySelectorAll("details.code"), key = "liantu-code";
  function recall() { try { return localStorage.getItem(key) === "open"; } catch (e) { return false; } }
  function show(open) {
    cells.forEach(function (cell) { cell.open = open; });
    toggle.textContent = toggle.dataset[open ? "fold" : "open"];
    toggle.setAttribute("aria-pressed", String(open));
    try { localStorage.setItem(key, open ? "open" : "folded"); } catch (e) { /* private windows keep nothing */ }
  }
  if (toggle && cells.length) {
    toggle.hidden = false;
    show(recall());
    toggle.addEventListener("click", function () { show(toggle.getAttribute("aria-pressed") !== "true"); });
  }
  var contents = document.querySelector(".contents details");
  if (contents && window.matchMedia("(max-width: 1099px)").matches) { contents.open = false; }
  var links = document.querySelectorAll(".contents a"), heads = [];
  function mark() {
    var here = -1;
    heads.forEach(function (head, place) { if (head.getBoundingClientRect().top < window.innerHeight * 0.3) { here = place; } });
    links.forEach(function (link, place) {
      if (place === here) { link.setAttribute("aria-current", "true"); } else { link.removeAttribute("aria-current"); }
    });
  }
  if (links.length && "IntersectionObserver" in window) {
    // all above the upper third counts as seen, so that jumps past a heading are told too
    var seen = new IntersectionObserver(mark, { rootMargin: "1000000px 0px -70% 0px" });
    links.forEach(function (link) {
      var head = document.getElementById(link.hash.slice(1));
      if (head) { heads.push(head); seen.observe(head); }
    });
  }
  // a link to what lies in a fold opens the fold
  function reveal() {
    var target = null;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch (e) { /* not a name */ }
    for (var at = target; at; at = at.parentElement) { if (at.tagName === "DETAILS") { at.open = true; } }
    if (target) { target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);
  if (location.hash) { reveal(); }
})();
