"""A notebook built to leak: it changes whatever a process shares, and shows what it found before it did."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

FOUND = """
import hashlib, json, os, signal, sys, threading, warnings
import matplotlib, numpy, pandas
settings = hashlib.sha256(repr(sorted((k, repr(v)) for k, v in matplotlib.rcParams.items())).encode()).hexdigest()
print(settings, pandas.get_option("display.max_rows"), numpy.get_printoptions()["precision"], sys.path[:2], sys.argv[0][-12:])
print(os.environ.get("LEAKED"), hasattr(pandas, "leaked"), "leaked" in globals(), threading.active_count() >= 1, os.getcwd())
print(signal.getsignal(signal.SIGCHLD), os.environ.get("MPLBACKEND"), __name__, sorted(k for k in globals() if not k.startswith("_"))[:6])
"""

LEAK = """
leaked = pandas.leaked = os.environ["LEAKED"] = "yes"
matplotlib.rcParams["font.size"] = 31
pandas.set_option("display.max_rows", 7)
numpy.set_printoptions(precision=2)
sys.path.insert(0, "/leaked")
"""

# What cells write below Python, and processes they start.
BELOW = ("文件描述符", "from a shell", "from a process", "from bash", "from a fork")

CELLS = [
    (FOUND, ()),
    ("1 / 3", ()),
    ("_ * 3", ()),
    ("print('out'); print('err', file=sys.stderr); print('again')", ()),
    ("os.write(1, '文件描述符\\n'.encode()) and None", ()),
    ("!echo from a shell", ()),
    ("import subprocess; subprocess.run(['echo', 'from a process'])", ()),
    ("%%bash\necho from bash; echo and its errors >&2", ()),
    ("from IPython.display import HTML, clear_output, display\ndisplay(HTML('<b>one</b>'), display_id='d'); print('between'); HTML('<i>two</i>')", ()),
    ("_ = display(HTML('<b>changed</b>'), display_id='d', update=True)", ()),
    ("print('gone'); clear_output(); print('stays')", ()),
    ("pandas.DataFrame({'出生': [1, 2.5], '死亡': ['a', None]})", ()),
    ("import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], [1, 4, 9]);", ()),
    ("fig, ax = plt.subplots(figsize=(2, 1)); ax.set_title('x'); print(matplotlib.get_backend())", ()),
    ("import asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')", ()),
    ("thread = threading.Thread(target=print, args=('from a thread',)); thread.start(); thread.join()", ()),
    ("pid = os.fork()\nif pid == 0:\n    os.write(1, b'from a fork\\n'); os._exit(0)\n_ = os.waitpid(pid, 0)", ()),
    ("warnings.warn('careful')", ()),
    ("pandas.DataFrame({'x': [1]})['y']", ("raises-exception",)),
    ("input('who? ')", ("raises-exception",)),
    ("this is no Python", ("raises-exception",)),
    ("def deep(n):\n    return 1 / n if n == 0 else deep(n - 1)\ntry:\n    deep(3)\nexcept ZeroDivisionError as error:\n    raise ValueError('chained') from error", ("raises-exception",)),
    ("len(In), sorted(Out), _i1 == In[1], get_ipython().execution_count", ()),
    ("type(get_ipython()).__name__, 'IPKernelApp' in get_ipython().config, get_ipython().history_manager.hist_file", ()),
    ("%who_ls str", ()),
    ("class Rich:\n    def _repr_mimebundle_(self, **_):\n        return {'text/html': '<p>r</p>', 'text/plain': 'r'}, {'about': (1, 2)}\nRich()", ()),
    (LEAK, ()),
    ("sys.stdout.isatty(), sys.stdout.encoding, type(sys.stdout).__mro__[-3].__name__", ()),
    ("raise SystemError('the end')", ()),
    ("print('never reached')", ()),
]


def leaky_notebook() -> nbformat.NotebookNode:
    """The notebook; its last cell but one fails."""
    cells = [new_markdown_cell("# A notebook that leaks", id="title")]
    for number, (source, tags) in enumerate(CELLS):
        cells.append(new_code_cell(source.strip("\n"), id=f"leak-{number:02}", metadata={"tags": list(tags)} if tags else {}))
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
