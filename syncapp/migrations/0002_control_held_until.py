"""When writes to a side that are held go on by themselves. NULL for installations, and versions, that know no end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("syncapp", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="control",
            name="held_until",
            field=models.JSONField(blank=True, null=True, verbose_name="end of held writes"),
        )
    ]
