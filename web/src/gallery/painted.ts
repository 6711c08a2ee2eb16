// Responsible for: pictures that move a little, painted, as stand-ins for cameras.
// Not responsible for: anything outside the gallery.

const WALLS = ["#6d8790", "#8a7f6c", "#5f7b6b", "#7b6c86", "#84726a", "#5d7487"];
const SKINS = ["#e3b693", "#8d5a3b", "#c98f68", "#5f3b28", "#f0cdb0", "#a8734c"];
const CLOTHES = ["#23404a", "#5a2f35", "#37512f", "#3b3560", "#674a1d", "#1f2c33"];

const pick = (from: string[], at: number): string => from[at % from.length] ?? "";

export function painted(leaf: number): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = 960;
  canvas.height = 540;
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  let frame = 0;
  const paint = () => {
    frame++;
    const sway = Math.sin(frame / 20 + leaf) * 6;
    pen.fillStyle = pick(WALLS, leaf);
    pen.fillRect(0, 0, 960, 540);
    pen.fillStyle = "rgb(255 255 255 / 14%)";
    pen.fillRect(90 + (leaf % 3) * 260, 40, 240, 300);
    pen.fillStyle = pick(CLOTHES, leaf);
    pen.beginPath();
    pen.ellipse(480 + sway / 2, 600, 260, 220, 0, 0, 7);
    pen.fill();
    pen.fillStyle = pick(SKINS, leaf);
    pen.fillRect(440 + sway / 2, 320, 80, 90);
    pen.beginPath();
    pen.ellipse(480 + sway, 250, 98, 122, 0, 0, 7);
    pen.fill();
    pen.fillStyle = pick(["#2a1d16", "#54391f", "#9b7c4c", "#17130f"], leaf);
    pen.beginPath();
    pen.ellipse(480 + sway, 190, 106, 82, 0, Math.PI, 0);
    pen.fill();
  };
  paint();
  setInterval(paint, 100);
  return canvas.captureStream(10);
}

/** A page of text, as somebody would share it. */
export function paintedPage(): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = 1920;
  canvas.height = 1080;
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  const paint = () => {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, 1920, 1080);
    pen.fillStyle = "#1c2b2a";
    pen.font = "600 56px Inter Variable";
    pen.fillText("Reading room renovation", 160, 170);
    pen.font = "30px Inter Variable";
    const lines = [
      "1  Windows, north side first",
      "2  The stairs and the lift",
      "3  Shelves: what stays, what moves",
      "4  Opening hours while work goes on",
    ];
    lines.forEach((line, at) => pen.fillText(line, 160, 290 + at * 70));
    pen.fillStyle = "#dfe9e7";
    for (let row = 0; row < 5; row++) pen.fillRect(160, 600 + row * 76, 1500 - row * 210, 40);
  };
  paint();
  setInterval(paint, 500);
  return canvas.captureStream(5);
}
