/** Python: what a receiving program does with a frame. Needs `cv2`. */
export const pythonFrameSink = `def handle(frame, window):
    """Your own work with a frame (a numpy array, BGR) goes here. False ends the program."""
    if not window:
        print("frame", "x".join(str(n) for n in frame.shape), flush=True)
        return True
    cv2.imshow(NAME, frame)
    return cv2.waitKey(1) & 0xFF != ord("q")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-window", action="store_true", help="print a line for each frame, open no window")
    parser.add_argument("--frames", type=int, default=0, help="end after so many frames (default: never)")
    return parser.parse_args()`
