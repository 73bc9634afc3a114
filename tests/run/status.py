"""Prints how a command ended, as waitpid sees it: "exit N" or "signal N"."""

import subprocess
import sys

code = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode
print("signal %d" % -code if code < 0 else "exit %d" % code)
