"""The garments on offer, in a database. Nothing of a visitor is ever stored here."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import String, create_engine, or_, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_VARIABLE = "VTON_DATABASE"
GARMENTS_FOLDER = Path(__file__).resolve().parent.parent / "examples" / "garments"


@dataclass(frozen=True)
class GarmentRecord:
    """One garment on offer.

    file: absolute path of its picture.
    """

    id: str
    name: str
    category: str
    tags: tuple[str, ...]
    file: Path


class _Base(DeclarativeBase):
    pass


class _Garment(_Base):
    """tags are joined by commas; file is relative to the store's folder, or absolute."""

    __tablename__ = "garments"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(80), index=True)
    tags: Mapped[str] = mapped_column(String(400))
    file: Mapped[str] = mapped_column(String(400))
    position: Mapped[int]


class GarmentStore:
    """Garments in any database that SQLAlchemy can reach; safe to use from several threads."""

    def __init__(self, url: str | None = None, folder: Path = GARMENTS_FOLDER):
        """Open the database, make its table, and bring the garments of `folder`/garments.json up to date in it.

        Args:
            url: an SQLAlchemy URL; by default the environment's VTON_DATABASE, else a SQLite file in the user's cache.
            folder: where garments.json and its pictures lie.
        """
        self._folder = folder
        self._engine = create_engine(url or os.environ.get(DATABASE_VARIABLE) or _default_url())
        _Base.metadata.create_all(self._engine)
        with Session(self._engine) as session:
            for position, row in enumerate(json.loads((folder / "garments.json").read_text(encoding="utf-8"))):
                session.merge(
                    _Garment(
                        id=row["id"],
                        name=row["name"],
                        category=row["category"],
                        tags=",".join(row["tags"]),
                        file=row["file"],
                        position=position,
                    )
                )
            session.commit()

    def list_garments(self, query: str = "", category: str = "") -> list[GarmentRecord]:
        """Garments in which every word of the query occurs (name, category or tag; case does not matter).

        Args:
            query: words; empty for all.
            category: exactly this category; empty for all.
        """
        statement = select(_Garment).order_by(_Garment.position, _Garment.id)
        if category:
            statement = statement.where(_Garment.category == category)
        for word in query.split():
            columns = (_Garment.name, _Garment.category, _Garment.tags)
            statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
        with Session(self._engine) as session:
            return [self._record(row) for row in session.scalars(statement)]

    def get_garment(self, garment_id: str) -> GarmentRecord | None:
        """The garment of this id, or None."""
        with Session(self._engine) as session:
            row = session.get(_Garment, garment_id)
            return self._record(row) if row else None

    def categories(self) -> list[str]:
        """Every category, in the order of the garments."""
        return list(dict.fromkeys(garment.category for garment in self.list_garments()))

    def _record(self, row: _Garment) -> GarmentRecord:
        return GarmentRecord(row.id, row.name, row.category, tuple(row.tags.split(",")), self._folder / row.file)


def _default_url() -> str:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fit-me-up"
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'garments.sqlite'}"
