// Files on their way to the simulator: pictures made fit for WhatsApp, a sticker drawn here.

import { post } from "./wire.js";

const AS_THEY_ARE = ["image/jpeg", "image/png"];
const SOUNDS = ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"];

/** Upload a blob as the customer's; gives its id. */
async function upload(hold, blob, filename = "") {
  const path = `phones/${hold.wa_id}/media?filename=${encodeURIComponent(filename)}`;
  return (await post(path, blob, { "content-type": blob.type || "application/octet-stream" })).id;
}

/** What a file is sent as: image, video, audio or document. */
export function kindOf(file, asDocument = false) {
  if (asDocument) return "document";
  if (file.type.startsWith("image/") && file.type !== "image/svg+xml") return "image";
  return file.type === "video/mp4" ? "video" : SOUNDS.includes(file.type) ? "audio" : "document";
}

/** Send a chosen file as what it is; a picture that cannot be read goes as a document. */
export async function sendFile(hold, file, { asDocument = false, caption = "", more = {} } = {}) {
  let kind = kindOf(file, asDocument);
  let blob = file;
  if (kind === "image" && !AS_THEY_ARE.includes(file.type)) {
    blob = await asJpeg(file).catch(() => null);
    if (!blob) [kind, blob] = ["document", file];
  }
  const id = await upload(hold, blob, file.name);
  const told = caption && kind !== "audio" ? { caption } : {};
  await hold.write(kind, { id, ...told, ...(kind === "document" && { filename: file.name }) }, more);
  if (caption && kind === "audio") await hold.write("text", { body: caption });
}

export async function sendVoice(hold, blob, more = {}) {
  return hold.write("audio", { id: await upload(hold, blob, "voice"), voice: true }, more);
}

/** Four pictures in one moment, as when an album is sent. */
export const sendAlbum = (hold) => hold.act("messages", { phone_number_id: hold.number, type: "image", image: {}, burst: 4 });

export async function sendSticker(hold, more = {}) {
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
  return hold.write("sticker", { id: await upload(hold, blob, "sticker.webp") }, more);
}

async function asJpeg(file) {
  const image = await createImageBitmap(file);
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
}
