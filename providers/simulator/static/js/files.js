// Files on their way to the simulator: pictures made fit for WhatsApp, a sticker drawn here.

import { act, state, write } from "./store.js";
import { post } from "./wire.js";

const AS_THEY_ARE = ["image/jpeg", "image/png"];

/** Upload a blob as the customer's; gives its id. */
export async function upload(blob, filename = "") {
  const path = `phones/${state.wa_id}/media?filename=${encodeURIComponent(filename)}`;
  return (await post(path, blob, { "content-type": blob.type || "application/octet-stream" })).id;
}

/** Send a chosen file as what it is. */
export async function sendFile(file, { asDocument = false, caption = "", more = {} } = {}) {
  const picture = !asDocument && file.type.startsWith("image/");
  const blob = picture && !AS_THEY_ARE.includes(file.type) ? await asJpeg(file) : file;
  const kind = picture ? "image" : !asDocument && file.type === "video/mp4" ? "video" : "document";
  const id = await upload(blob, file.name);
  const content = { id, ...(caption && { caption }), ...(kind === "document" && { filename: file.name }) };
  return write(kind, content, more);
}

export async function sendVoice(blob, more = {}) {
  return write("audio", { id: await upload(blob, "voice"), voice: true }, more);
}

/** Four pictures in one moment, as when an album is sent. */
export const sendAlbum = () => act("messages", { phone_number_id: state.number, type: "image", image: {}, burst: 4 });

export async function sendSticker(more = {}) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 256, height: 256 });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffcf4a";
  pen.beginPath();
  pen.arc(128, 128, 116, 0, 7);
  pen.fill();
  pen.fillStyle = pen.strokeStyle = "#3a2b00";
  for (const x of [88, 168]) pen.fillRect(x - 8, 88, 16, 34);
  pen.lineWidth = 12;
  pen.lineCap = "round";
  pen.beginPath();
  pen.arc(128, 136, 60, 0.4, Math.PI - 0.4);
  pen.stroke();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/webp"));
  return write("sticker", { id: await upload(blob, "sticker.webp") }, more);
}

async function asJpeg(file) {
  const image = await createImageBitmap(file);
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
}
