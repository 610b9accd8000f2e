// A voice note: from the microphone, or a tone where there is none.

/** Start recording; gives {tone, stop() → Blob, cancel()}. `tone` is true when no microphone was to be had. */
export async function record() {
  const { stream, tone, end } = await sound();
  const kinds = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];
  const mimeType = kinds.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
  const parts = [];
  recorder.ondataavailable = ({ data }) => data.size && parts.push(data);
  recorder.start(250);
  const finished = new Promise((resolve) => (recorder.onstop = resolve));
  const finish = async () => {
    if (recorder.state !== "inactive") recorder.stop();
    await finished;
    end();
  };
  return {
    tone,
    async stop() {
      await finish();
      return new Blob(parts, { type: recorder.mimeType });
    },
    cancel: finish,
  };
}

async function sound() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    return { stream, tone: false, end: () => stream.getTracks().forEach((track) => track.stop()) };
  } catch {
    const context = new AudioContext();
    const wave = new OscillatorNode(context, { frequency: 440 });
    const quiet = new GainNode(context, { gain: 0.2 });
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    wave.connect(quiet).connect(out);
    wave.start();
    return { stream: out.stream, tone: true, end: () => context.close() };
  }
}

export const canRecord = () => "MediaRecorder" in window && "AudioContext" in window;
