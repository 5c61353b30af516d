(() => {
  "use strict";
  const sound = document.getElementById("sound");
  const now = document.getElementById("now");
  const lines = [...document.querySelectorAll(".line")];
  const starts = lines.map((line) => Number(line.dataset.from) / 1000);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let current = -1;

  // The last line that has begun.
  const lineAt = (time) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= time + 0.02) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const mark = () => {
    const line = lineAt(sound.currentTime);
    if (line === current) return;
    lines[current]?.removeAttribute("aria-current");
    current = line;
    lines[current]?.setAttribute("aria-current", "true");
    now.textContent = lines[current]?.dataset.who ?? "";
    if (!sound.paused) {
      lines[current]?.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
    }
  };
  const playFrom = (line) => {
    sound.currentTime = starts[line];
    mark();
    sound.play();
  };
  const toggle = () => (sound.paused ? sound.play() : sound.pause());
  const go = (line) => {
    const target = Math.max(0, Math.min(lines.length - 1, line));
    lines[target]?.querySelector("button").focus();
    lines[target]?.scrollIntoView({ block: "nearest" });
    if (!sound.paused) playFrom(target);
  };

  lines.forEach((line, index) => {
    line.querySelector("button").addEventListener("click", () => {
      if (index === current && !sound.paused) sound.pause();
      else playFrom(index);
    });
  });
  document.getElementById("before").addEventListener("click", () => playFrom(Math.max(0, current - 1)));
  document.getElementById("after").addEventListener("click", () => playFrom(Math.min(lines.length - 1, current + 1)));
  for (const event of ["timeupdate", "seeked", "play"]) sound.addEventListener(event, mark);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === sound || lines.length === 0) return;
    const focused = lines.indexOf(document.activeElement?.closest(".line"));
    const here = focused >= 0 ? focused : current;
    const acts = {
      ArrowDown: () => go(here + 1), j: () => go(here + 1),
      ArrowUp: () => go(here - 1), k: () => go(here - 1),
      Home: () => go(0), End: () => go(lines.length - 1), p: toggle,
    };
    if (event.target.tagName !== "BUTTON" && event.target.tagName !== "A") acts[" "] = toggle;
    if (!Object.hasOwn(acts, event.key)) return;
    event.preventDefault();
    acts[event.key]();
  });
})();
