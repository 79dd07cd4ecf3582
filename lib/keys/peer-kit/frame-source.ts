/** Python: the pictures that a sending program sends. Needs `cv2`, `numpy` and `time`. */
export const pythonFrameSource = `class Pictures:
    """Frames (BGR, as OpenCV has them) of a camera, a file or a stream; "test" makes a moving picture."""

    def __init__(self, source):
        self.count = 0
        self.capture = None
        if source != "test":
            self.capture = cv2.VideoCapture(int(source) if source.isdigit() else source)
            if not self.capture.isOpened():
                raise SystemExit("OpenCV cannot open " + source + "; try --source test")

    def next(self):
        self.count += 1
        if self.capture is not None:
            return self.capture.read()[1]
        time.sleep(1 / 30)
        picture = numpy.full((480, 640, 3), (90, 60, 30), numpy.uint8)
        left = self.count * 4 % 600
        picture[200:280, left : left + 40] = (60, 200, 240)
        return picture

    def close(self):
        if self.capture is not None:
            self.capture.release()


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", default="0", help='camera number, file, stream address, or "test" (default: 0)')
    parser.add_argument("--frames", type=int, default=0, help="end after so many frames (default: never)")
    return parser.parse_args()`
