"""What a checker and its zygote say to each other.

An order is ``letter (1 byte) | pid (4 bytes)``, an answer one signed 4-byte number. It
stands apart so that the checker can start a zygote before it imports NumPy itself.
"""

import struct

COMMAND = struct.Struct(">cI")
ANSWER = struct.Struct(">i")
FORK, END, WAIT = b"F", b"E", b"W"
