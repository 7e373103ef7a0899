"""Arrays as NumPy writes them, for the writer of draws: python3 npy.py > npy.json"""

import io
import json

import numpy as np


def case(array):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=(1, 0))
    return {
        "shape": array.shape,
        "values": array.ravel().tolist(),
        "hex": file.getvalue().hex(),
    }


cases = {
    "one axis": case(np.array([1.5, -2.0, 1e300])),
    "two axes": case(np.arange(6.0).reshape(2, 3) / 7),
    "four axes": case(np.arange(24.0).reshape(3, 2, 2, 2)),
}
print(json.dumps(cases, indent=1))
