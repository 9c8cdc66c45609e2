import random
import struct
