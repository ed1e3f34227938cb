"""Fresh processes for notebooks without starting each from nothing: forks of a template that has imported the stack.

`Template` and `run_all` give tasks to forks; the papermill engine `township` and the kernel provisioner
`township-fork` put them behind the usual tools. Knows nothing of reports.
"""

from helpers.kernels.forks import GRACE, Done, ForkError, Template, can_fork, run_all
from helpers.kernels.template import is_child, tell

__all__ = ["GRACE", "Done", "ForkError", "Template", "can_fork", "is_child", "run_all", "tell"]
