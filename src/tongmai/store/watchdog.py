"""Where the kernel has no parent-death signal: waits for the end of its input, then stops the server.

Started as ``python watchdog.py PID`` with a pipe from the program as standard input. The pipe closes when the program
ends, however it ends. If the server has ended before, the program closes the pipe and there is nothing left to signal.
"""

import os
import signal
import sys


def main() -> None:
    pid = int(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while os.read(0, 4096):
        pass
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main()
