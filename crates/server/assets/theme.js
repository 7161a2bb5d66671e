"use strict";
(() => {
  // src/dom.ts
  var kept = (store, key) => {
    try {
      return window[store].getItem(`casefile-${key}`);
    } catch {
      return null;
    }
  };

  // src/theme.ts
  var root = document.documentElement;
  root.classList.add("cf-scripted");
  var chosen = kept("localStorage", "colours");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
})();
