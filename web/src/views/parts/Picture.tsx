// Responsible for: a silent video element that plays a stream, wherever a picture is shown.
// Not responsible for: sound (call/Sounds.tsx).
import { useEffect, useRef } from "react";
import css from "./Picture.module.css";

interface PictureProps {
  stream: MediaStream | null;
  /** One's own picture, as in a mirror. */
  mirrored?: boolean;
  /** All of it is shown, however wide its frame is: nothing is cut off. */
  whole?: boolean;
  label?: string;
}

export function Picture({ stream, mirrored = false, whole = false, label }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element || element.srcObject === stream) return;
    element.srcObject = stream;
    // Rejected only when another stream takes its place; muted video may always play.
    if (stream) element.play().catch(() => undefined);
  }, [stream]);
  return (
    <video
      ref={video}
      className={whole ? css.whole : mirrored ? css.mirrored : css.picture}
      aria-label={label}
      muted
      autoPlay
      playsInline
      disablePictureInPicture
    />
  );
}
