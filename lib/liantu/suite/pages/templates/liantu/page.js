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
})();
