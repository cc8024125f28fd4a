// The shared single file: shows one page at a time in this document; which one stands in the hash (#page=<name>).
// A plain hash (#s1) is an anchor of the shown page and stays the browser's business; history.state remembers the page for it.
(function () {
  "use strict";
  var store = document.getElementById("liantu-inside"), sheets = document.querySelectorAll("style[data-sheet]");
  var pages = {}, kept = {}, places = {}, heard = [], shown = null, now = 0, last = (history.state || {}).n || 0, first = store.dataset.first;

  store.querySelectorAll("template[data-page]").forEach(function (page) { pages[page.dataset.page] = page; });
  // the body holds nothing but the shown page
  document.head.append(store);
  history.scrollRestoration = "manual";

  function address(key) {
    var file = document.getElementById("file-" + key);
    return "data:" + file.dataset.type + ";base64," + file.textContent.trim();
  }

  // text is packed, and unpacked when it is asked for
  function unpack(event) {
    var link = event.currentTarget, file = document.getElementById("file-" + link.dataset.file);
    event.preventDefault();
    var packed = Uint8Array.from(atob(file.textContent.trim()), function (letter) { return letter.charCodeAt(0); });
    new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer().then(function (content) {
      var made = document.createElement("a");
      made.href = URL.createObjectURL(new Blob([content], {type: file.dataset.type}));
      made.download = link.download;
      made.click();
      setTimeout(function () { URL.revokeObjectURL(made.href); }, 60000);
    });
  }

  // what a page's scripts listen to on window and document ends with the page
  function listening(work) {
    var targets = [window, document];
    targets.forEach(function (target) {
      var own = target.addEventListener;
      target.addEventListener = function (type, listener, options) {
        heard.push([target, type, listener, options]);
        own.call(target, type, listener, options);
      };
    });
    try { work(); } finally { targets.forEach(function (target) { delete target.addEventListener; }); }
  }

  function run() {
    listening(function () {
      document.body.querySelectorAll("script[data-code]").forEach(function (mark) {
        var script = document.createElement("script");
        script.textContent = document.getElementById("code-" + mark.dataset.code).textContent;
        mark.replaceWith(script);
      });
    });
  }

  function leave() {
    heard.forEach(function (one) { one[0].removeEventListener(one[1], one[2], one[3]); });
    var nodes = document.createDocumentFragment();
    nodes.append.apply(nodes, document.body.childNodes);
    // a front page keeps its search and filters; other pages are made again
    if ("front" in pages[shown].dataset) { kept[shown] = {nodes: nodes, heard: heard}; }
    heard = [];
  }

  function dress(page) {
    document.documentElement.lang = page.dataset.lang;
    document.title = page.dataset.title;
    Array.from(document.body.attributes).forEach(function (one) { document.body.removeAttribute(one.name); });
    Object.entries(JSON.parse(page.dataset.body)).forEach(function (one) { document.body.setAttribute(one[0], one[1]); });
    var worn = page.dataset.sheets.split(" ");
    sheets.forEach(function (sheet) { sheet.media = worn.includes(sheet.dataset.sheet) ? "all" : "not all"; });
  }

  function show(name) {
    var page = pages[name];
    leave();
    dress(page);
    shown = name;
    if (kept[name]) {
      document.body.append(kept[name].nodes);
      heard = kept[name].heard;
      heard.forEach(function (one) { one[0].addEventListener(one[1], one[2], one[3]); });
      return;
    }
    var nodes = page.content.cloneNode(true);
    nodes.querySelectorAll("img[data-file]").forEach(function (image) { image.src = address(image.dataset.file); });
    nodes.querySelectorAll("a[data-file]").forEach(function (link) {
      if ("packed" in document.getElementById("file-" + link.dataset.file).dataset) { link.addEventListener("click", unpack); return; }
      link.href = address(link.dataset.file);
    });
    document.body.append(nodes);
    run();
  }

  function wanted() {
    var named = /^#page=([^&]*)(?:&at=(.*))?$/.exec(location.hash);
    if (named) { return {page: decodeURIComponent(named[1]), at: named[2] || ""}; }
    return {page: (history.state || {}).page || shown || first, at: ""};
  }

  function arrive() {
    var to = wanted(), before = history.state, name = pages[to.page] ? to.page : first, other = name !== shown;
    if (other) { show(name); }
    if (to.at) { location.replace("#" + to.at); return; }
    if (before && before.n) {
      now = before.n;
      var anchor = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      // after a reload nothing is known of where the reader was, but the anchor
      if (now in places || !anchor) { window.scrollTo(0, places[now] || 0); } else { anchor.scrollIntoView(); }
    } else {
      now = last += 1;
      history.replaceState({page: name, n: now}, "");
      if (other || location.hash.indexOf("#page=") === 0) { window.scrollTo(0, 0); }
    }
  }

  shown = first;
  run();
  arrive();
  window.addEventListener("hashchange", arrive);
  window.addEventListener("scroll", function () { places[now] = window.scrollY; }, {passive: true});
})();
