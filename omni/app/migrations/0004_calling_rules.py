from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0003_acd_lease')]

    initial = False

    operations = [
        ops.CreateModel(
            name='HolidayRecord',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('region', fields.CharField(max_length=6)),
                ('day', fields.DateField()),
                ('name', fields.TextField(unique=False)),
            ],
            options={'table': 'holiday', 'app': 'omni', 'unique_together': (('region', 'day'),), 'pk_attr': 'id', 'table_description': "A day on which a region's people are not called."},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='ContactRecord',
            name='consent_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='ContactRecord',
            name='consent_source',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
    ]
