// Pictures of a comparison: confusions, calibration, confidence. Colours come from the page.
import type { EChartsCoreOption } from 'echarts/core';

import { t } from './i18n';
import { service } from './state/catalogue';
import { named } from './format';
import type { Report } from './state/studio';
import type { Paint } from './wall-charts';

export const title = (id: string): string => (id ? named(service(id)) || id : '—');

const MOST = 14; // services in the matrix

function text(colours: Paint): EChartsCoreOption {
  return {
    animationDuration: 250,
    textStyle: { fontFamily: 'inherit', fontSize: 12 },
    tooltip: { backgroundColor: colours.panel, borderColor: colours.line, textStyle: { color: colours.ink, fontSize: 12.5 } },
  };
}

const axis = (colours: Paint): object => ({
  axisLine: { lineStyle: { color: colours.line } },
  axisTick: { show: false },
  axisLabel: { color: colours.faint, fontSize: 11.5 },
  splitLine: { lineStyle: { color: colours.line } },
  nameTextStyle: { color: colours.faint },
});

/** The services that are mistaken most, true ones down, read ones across. */
export function confusion(report: Report, colours: Paint): EChartsCoreOption {
  const wrong = report.confusions.new.filter(([expected, predicted]) => expected !== predicted);
  const weight = new Map<string, number>();
  for (const [expected, predicted, n] of wrong) {
    weight.set(expected, (weight.get(expected) ?? 0) + n);
    weight.set(predicted, (weight.get(predicted) ?? 0) + n);
  }
  const names = [...weight].sort((a, b) => b[1] - a[1]).slice(0, MOST).map(([name]) => name);
  const cells = report.confusions.new
    .filter(([expected, predicted]) => names.includes(expected) && names.includes(predicted))
    .map(([expected, predicted, n]) => [names.indexOf(predicted), names.length - 1 - names.indexOf(expected), n]);
  const shown = names.map(title);
  return {
    ...text(colours),
    grid: { left: 8, right: 12, top: 12, bottom: 8, containLabel: true },
    xAxis: { type: 'category', data: shown, ...axis(colours), axisLabel: { color: colours.faint, fontSize: 11, rotate: 38, width: 96, overflow: 'truncate' } },
    yAxis: { type: 'category', data: [...shown].reverse(), ...axis(colours), axisLabel: { color: colours.faint, fontSize: 11, width: 110, overflow: 'truncate' } },
    visualMap: { show: false, min: 0, max: Math.max(4, ...cells.map((cell) => cell[2] ?? 0)), inRange: { color: [colours.panel, colours.blue] } },
    series: [
      {
        type: 'heatmap',
        data: cells,
        label: { show: true, fontSize: 11, color: colours.ink },
        itemStyle: { borderColor: colours.line, borderWidth: 1 },
      },
    ],
  };
}

export function calibration(report: Report, colours: Paint): EChartsCoreOption {
  const line = (points: [number, number, number][], name: string, colour: string): object => ({
    name,
    type: 'line',
    data: points.map(([sure, right, n]) => [sure, right, n]),
    symbolSize: 7,
    lineStyle: { color: colour, width: 2 },
    itemStyle: { color: colour },
  });
  const series: object[] = [
    { type: 'line', name: '', data: [[0, 0], [1, 1]], symbol: 'none', silent: true, lineStyle: { color: colours.faint, type: 'dashed', width: 1 } },
    line(report.calibration.new, t('models.col.new'), colours.blue),
  ];
  if (report.calibration.old.length) series.push(line(report.calibration.old, t('models.col.old'), colours.amber));
  return {
    ...text(colours),
    grid: { left: 8, right: 20, top: 34, bottom: 24, containLabel: true },
    legend: { top: 0, right: 0, icon: 'roundRect', textStyle: { color: colours.faint }, data: [t('models.col.new'), t('models.col.old')] },
    xAxis: { type: 'value', min: 0, max: 1, name: t('models.sure'), nameLocation: 'middle', nameGap: 26, ...axis(colours) },
    yAxis: { type: 'value', min: 0, max: 1, ...axis(colours) },
    series,
  };
}

export function histogram(report: Report, colours: Paint): EChartsCoreOption {
  const { right, wrong } = report.histogram.new;
  const names = right.map((_, at) => `${Math.round((at * 100) / right.length)}%`);
  const bars = (name: string, data: number[], color: string): object => ({ name, type: 'bar', stack: 'all', data, itemStyle: { color }, barCategoryGap: '12%' });
  return {
    ...text(colours),
    tooltip: { trigger: 'axis', backgroundColor: colours.panel, borderColor: colours.line, textStyle: { color: colours.ink } },
    grid: { left: 8, right: 12, top: 34, bottom: 4, containLabel: true },
    legend: { top: 0, right: 0, icon: 'roundRect', textStyle: { color: colours.faint } },
    xAxis: { type: 'category', data: names, ...axis(colours) },
    yAxis: { type: 'value', minInterval: 1, ...axis(colours) },
    series: [bars(t('models.correct'), right, colours.blue), bars(t('models.wrong'), wrong, colours.red)],
  };
}
