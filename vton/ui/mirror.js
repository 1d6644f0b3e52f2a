// The mirror's camera. Gradio calls this with element, props and server; see mirror_tab.py.
// One picture is on its way at any time, so a slow server makes a slow mirror and never a queue.

const SIDE = 512;
const section = element.querySelector("section");
const texts = JSON.parse(section.dataset.texts);
const video = element.querySelector("video");
const picture = element.querySelector("img");
const button = element.querySelector("button");
const rate = element.querySelector("output");
const status = element.querySelector("[role=status]");
const canvas = document.createElement("canvas");
let stream = null;
let look = "";

function say(sentence) {
  status.textContent = sentence;
  status.hidden = !sentence;
}

function isHidden() {
  return document.hidden || element.offsetParent === null;
}

function stop(sentence) {
  if (!stream) return;
  stream.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  picture.removeAttribute("src");
  section.classList.remove("running");
  button.textContent = texts.start;
  rate.textContent = "";
  say(sentence || "");
  server.look({ look: look, picture: "" }).catch(() => {});
}

function frame() {
  const shrink = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * shrink);
  canvas.height = Math.round(video.videoHeight * shrink);
  // Turned over before it is sent, so that what is written on the garment can be read in the mirror.
  const context = canvas.getContext("2d");
  context.setTransform(-1, 0, 0, 1, canvas.width, 0);
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.85);
}

async function run(own) {
  let smooth = 0;
  let before = performance.now();
  while (stream && look === own) {
    if (isHidden()) return stop(texts.left);
    let reply;
    try {
      reply = await server.look({ look: own, ticket: props.ticket, picture: frame() });
    } catch {
      return stop(texts.lost);
    }
    if (!stream || look !== own) return;
    if (reply.stop) return stop(reply.sentence);
    picture.src = reply.picture;
    say("");
    const now = performance.now();
    const current = 1000 / (now - before);
    smooth = smooth ? 0.8 * smooth + 0.2 * current : current;
    before = now;
    rate.textContent = texts.rate.replace("{}", smooth.toFixed(1));
  }
}

async function start() {
  if (!props.ticket) return say(texts.no_garment);
  if (!navigator.mediaDevices) return say(texts.insecure);
  say(texts.asking);
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } },
      audio: false,
    });
  } catch (error) {
    return say(texts[error.name] || texts.refused);
  }
  video.srcObject = stream;
  await video.play();
  stream.getVideoTracks()[0].addEventListener("ended", () => stop(texts.unplugged));
  section.style.setProperty("--ratio", `${video.videoWidth} / ${video.videoHeight}`);
  look = Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-");
  section.classList.add("running");
  button.textContent = texts.stop;
  say(texts.warming);
  run(look);
}

button.addEventListener("click", () => (stream ? stop() : start()));
document.addEventListener("visibilitychange", () => document.hidden && stop(texts.left));
setInterval(() => isHidden() && stop(texts.left), 300);
