"""Models: trainings, versions, judgements, publications; what the model made of a message."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "studio_settings",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "changed_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_studio_settings")),
    )
    op.create_table(
        "test_sets",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_test_sets")),
    )
    op.create_table(
        "model_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reader_id", sa.String(), server_default="", nullable=False),
        sa.Column("source", sa.String(), server_default="trained", nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("phrases", sa.Integer(), server_default="0", nullable=False),
        sa.Column("services", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "profile",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("exact", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("retired_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["operators.id"], name=op.f("fk_model_versions_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_versions")),
        sa.UniqueConstraint("name", name=op.f("uq_model_versions_name")),
    )
    op.create_table(
        "judgements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("against_id", sa.BigInteger(), nullable=True),
        sa.Column("test_set", sa.String(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("gates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["against_id"], ["model_versions.id"], name=op.f("fk_judgements_against_id")),
        sa.ForeignKeyConstraint(["model_id"], ["model_versions.id"], name=op.f("fk_judgements_model_id")),
        sa.ForeignKeyConstraint(["test_set"], ["test_sets.sha256"], name=op.f("fk_judgements_test_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
    )
    op.create_index("ix_judgements_model_id", "judgements", ["model_id", "id"], unique=False)
    op.create_table(
        "model_files",
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["model_versions.id"], name=op.f("fk_model_files_model_id")),
        sa.PrimaryKeyConstraint("model_id", "form", name=op.f("pk_model_files")),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("live_id", sa.BigInteger(), nullable=False),
        sa.Column("before_id", sa.BigInteger(), nullable=True),
        sa.Column("staged_id", sa.BigInteger(), nullable=True),
        sa.Column("share", sa.Integer(), server_default="0", nullable=False),
        sa.Column("shadow_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["before_id"], ["model_versions.id"], name=op.f("fk_publications_before_id")),
        sa.ForeignKeyConstraint(["live_id"], ["model_versions.id"], name=op.f("fk_publications_live_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_publications_operator_id")),
        sa.ForeignKeyConstraint(["shadow_id"], ["model_versions.id"], name=op.f("fk_publications_shadow_id")),
        sa.ForeignKeyConstraint(["staged_id"], ["model_versions.id"], name=op.f("fk_publications_staged_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    op.create_table(
        "shadow_reads",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.String(), server_default="", nullable=False),
        sa.Column("live_service", sa.String(), server_default="", nullable=False),
        sa.Column("service", sa.String(), server_default="", nullable=False),
        sa.Column("live_act", sa.String(), server_default="", nullable=False),
        sa.Column("act", sa.String(), server_default="", nullable=False),
        sa.Column(
            "live_alarms",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "alarms",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("confidence", sa.Double(), server_default="0", nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_shadow_reads_inbox_id")),
        sa.ForeignKeyConstraint(["model_id"], ["model_versions.id"], name=op.f("fk_shadow_reads_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_reads")),
        sa.UniqueConstraint("inbox_id", "model_id", name=op.f("uq_shadow_reads_inbox_id_model_id")),
    )
    op.create_index("ix_shadow_reads_model_id", "shadow_reads", ["model_id", "id"], unique=False)
    op.create_table(
        "trainings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), server_default="train", nullable=False),
        sa.Column("status", sa.String(), server_default="queued", nullable=False),
        sa.Column("stage", sa.String(), server_default="", nullable=False),
        sa.Column(
            "progress",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("problem", sa.String(), server_default="", nullable=False),
        sa.Column("detail", sa.String(), server_default="", nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("model_id", sa.BigInteger(), nullable=True),
        sa.Column("against_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("cancel", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("node", sa.String(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("heartbeat_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["against_id"], ["model_versions.id"], name=op.f("fk_trainings_against_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["operators.id"], name=op.f("fk_trainings_asked_by")),
        sa.ForeignKeyConstraint(["model_id"], ["model_versions.id"], name=op.f("fk_trainings_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
    )
    op.create_index(
        "ix_trainings_open",
        "trainings",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_table(
        "model_nodes",
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("publication_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "holds",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("problem", sa.String(), server_default="", nullable=False),
        sa.Column(
            "seen_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_model_nodes_publication_id")
        ),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_model_nodes")),
    )
    op.add_column("messages", sa.Column("act", sa.String(), nullable=True))
    op.add_column("messages", sa.Column("understood", sa.Boolean(), nullable=True))

    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON publications "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_column("messages", "understood")
    op.drop_column("messages", "act")
    op.drop_table("model_nodes")
    op.drop_index(
        "ix_trainings_open",
        table_name="trainings",
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.drop_table("trainings")
    op.drop_index("ix_shadow_reads_model_id", table_name="shadow_reads")
    op.drop_table("shadow_reads")
    op.drop_table("publications")
    op.drop_table("model_files")
    op.drop_index("ix_judgements_model_id", table_name="judgements")
    op.drop_table("judgements")
    op.drop_table("model_versions")
    op.drop_table("test_sets")
    op.drop_table("studio_settings")
