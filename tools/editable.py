"""Makes `ringfence` importable and runnable from this clone's virtual environment.
Not responsible for: packaging for others (maturin does that from pyproject.toml)."""

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
Path(sysconfig.get_path("purelib"), "ringfence.pth").write_text(f"{ROOT / 'src'}\n")
command = Path(sysconfig.get_path("scripts"), "ringfence")
command.write_text(f"#!{sys.executable}\nimport sys\nfrom ringfence.cli.main import main\nsys.exit(main())\n")
command.chmod(0o755)
