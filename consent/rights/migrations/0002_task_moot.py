
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0005_longest_period_and_look_back'),
        ('rights', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='task',
            name='task_closed_iff_attested',
        ),
        migrations.AlterField(
            model_name='task',
            name='status',
            field=models.CharField(choices=[('pending', 'Pending'), ('overdue', 'Overdue'), ('done', 'Done'), ('exempt', 'Exempt'), ('moot', 'Moot')], default='pending', max_length=24),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('status__in', ['pending', 'overdue'])), models.Q(('acknowledged_at__isnull', False), ('attested_by__isnull', False), ('closed_at__isnull', False), ('status__in', ['done', 'exempt'])), models.Q(('attested_by__isnull', True), ('closed_at__isnull', False), ('status', 'moot')), _connector='OR'), name='task_closed_iff_attested'),
        ),
    ]
