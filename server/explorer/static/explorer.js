// What pages do beyond links and forms: shortcuts, moving through what was found, marking the same
// entry in every list, pictures that are gone, copying. Every page can be read and used without.

const search = document.getElementById("typed");
const found = () => [...document.querySelectorAll("#found a")];

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "/" && !typing && search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    move(event);
  } else if (event.key === "Escape" && event.target.closest("#found")) {
    search.focus();
  }
});

function move(event) {
  const links = found();
  const place = links.indexOf(event.target);
  if (!links.length || (place < 0 && event.target !== search)) return;
  event.preventDefault();
  const next = place + (event.key === "ArrowDown" ? 1 : -1);
  if (next < 0) search.focus();
  else links[Math.min(next, links.length - 1)].focus();
}

for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, (event) => {
    const entry = event.target.closest?.(".entry");
    if (!entry) return;
    for (const other of document.querySelectorAll(".entry")) {
      other.classList.toggle("same", on && other.dataset.entry === entry.dataset.entry);
    }
  });
}

// On a phone what courses can be chosen by would push them out of sight.
if (matchMedia("(max-width: 45rem)").matches) document.querySelector("details.facets")?.removeAttribute("open");

// A picture that is gone gives way to a sentence. One that failed before this ran says so itself.
function give_way(picture) {
  picture.hidden = true;
  picture.nextElementSibling.hidden = false;
}

for (const picture of document.querySelectorAll(".picture img")) {
  picture.addEventListener("error", () => give_way(picture));
  if (picture.complete && !picture.naturalWidth) give_way(picture);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const said = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(source.textContent);
    said.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(source);
    said.textContent = "Marked: copy it with your keyboard.";
  }
});
