(function () {
  var form = document.getElementById("find"), found = document.getElementById("found");
  if (!form) { return; }
  var names = ["q", "kind", "county", "chain", "state"], fields = {};
  names.forEach(function (name) { if (form.elements[name]) { fields[name] = form.elements[name]; } });
  function plain(text) { return (text || "").normalize("NFKC").toLowerCase(); }
  var words = {};
  ["county", "chain"].forEach(function (name) {
    words[name] = {};
    if (!fields[name]) { return; }
    Array.prototype.forEach.call(fields[name].options, function (option) { words[name][option.value] = option.dataset.q || ""; });
  });
  var lists = Array.prototype.map.call(document.querySelectorAll("ul.pages"), function (list) {
    return { list: list, items: Array.prototype.map.call(list.children, function (item) {
      var data = item.dataset, link = item.querySelector("a");
      return { item: item, kind: [list.dataset.k], county: [data.c], chain: [data.h], state: (data.s || "done").split(" "),
        text: plain([list.dataset.q, link.textContent, link.getAttribute("href"), words.county[data.c], words.chain[data.h]].join(" ")) };
    }) };
  });
  var kinds = document.querySelectorAll(".kind");
  function wanted() {
    var state = {};
    Object.keys(fields).forEach(function (name) { if (fields[name].value.trim()) { state[name] = fields[name].value.trim(); } });
    return state;
  }
  function show() {
    var state = wanted(), words = plain(state.q).split(/\s+/).filter(Boolean), all = 0, shown = 0;
    lists.forEach(function (entry) {
      var any = 0;
      entry.items.forEach(function (page) {
        var good = words.every(function (word) { return page.text.indexOf(word) >= 0; }) &&
          ["kind", "county", "chain", "state"].every(function (name) { return !state[name] || page[name].indexOf(state[name]) >= 0; });
        page.item.hidden = !good;
        any += good;
      });
      entry.list.hidden = !any;
      all += entry.items.length;
      shown += any;
    });
    kinds.forEach(function (kind) { kind.hidden = !kind.querySelector("ul.pages:not([hidden])"); });
    var text = !Object.keys(state).length ? found.dataset.all.replace("{n}", all) :
      shown ? found.dataset.some.replace("{shown}", shown).replace("{all}", all) : found.dataset.none;
    if (found.textContent !== text) { found.textContent = text; }
  }
  function keep() {
    var hash = new URLSearchParams(wanted()).toString(), bare = location.href.split("#")[0];
    try { history.replaceState(history.state, "", hash ? "#" + hash : bare); } catch (e) { /* inside another page the address is not ours */ }
  }
  function recall() {
    var state = new URLSearchParams(location.hash.slice(1));
    if (location.hash.length > 1 && !names.some(function (name) { return state.has(name); })) { return false; }
    Object.keys(fields).forEach(function (name) {
      fields[name].value = state.get(name) || "";
      if (fields[name].selectedIndex < 0) { fields[name].value = ""; }
    });
    show();
    return location.hash.length > 1;
  }
  form.hidden = false;
  form.addEventListener("input", function () { show(); keep(); });
  form.addEventListener("reset", function () { setTimeout(function () { show(); keep(); fields.q.focus(); }, 0); });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var first = document.querySelector("ul.pages:not([hidden]) > li:not([hidden]) a");
    if (first) { first.focus(); }
  });
  window.addEventListener("hashchange", recall);
  function jump() {
    var entry = performance.getEntriesByType("navigation")[0];
    // on the way back the browser knows the place better
    if (!entry || entry.type === "navigate") { document.getElementById("pages").scrollIntoView(); }
  }
  if (recall()) {
    if (document.readyState === "complete") { jump(); } else { window.addEventListener("load", jump); }
  }
})();
